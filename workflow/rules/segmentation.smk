# The segmentation network: train on masks, predict, evaluate, export.


rule train_segmentation:
    input:
        data="data/{dataset}",
        masks=lambda w: EXPERIMENTS.training_masks(w.dataset, w.variant),
        weights=lambda w: EXPERIMENTS.weights("segmentation", w.dataset, w.variant),
    output:
        directory("results/{dataset}/{variant}/segmentation_network"),
    log:
        "logs/{dataset}/{variant}/train_segmentation.log",
    conda:
        "../envs/wsss.yaml"
    threads: lambda w: EXPERIMENTS.training_threads("segmentation", w.dataset, w.variant)
    resources:
        gpu=lambda w: (
            0 if EXPERIMENTS.is_small("segmentation", w.dataset, w.variant) else 1
        ),
        mem_mb=8000,
    params:
        settings=lambda w: EXPERIMENTS.settings(
            "train_segmentation", w.dataset, w.variant
        ),
        masks=lambda w, input: input.masks or f"{input.data}/masks",
        weights=lambda w: EXPERIMENTS.weights_option(
            "segmentation", w.dataset, w.variant
        ),
    shell:
        "python stages/train_segmentation.py --dataset {wildcards.dataset} --variant {wildcards.variant}"
        " --data {input.data} --masks {params.masks} {params.weights} --out {output} --threads {threads} 2> {log}"


rule predict:
    input:
        data="data/{dataset}",
        network=lambda w: EXPERIMENTS.product(
            "train_segmentation", w.dataset, w.variant
        ),
    output:
        directory("results/{dataset}/{variant}/predictions/{split}"),
    log:
        "logs/{dataset}/{variant}/predict_{split}.log",
    conda:
        "../envs/wsss.yaml"
    threads: 64
    resources:
        gpu=lambda w: (
            0 if EXPERIMENTS.is_small("segmentation", w.dataset, w.variant) else 1
        ),
        mem_mb=8000,
    params:
        settings=lambda w: EXPERIMENTS.settings("predict", w.dataset, w.variant),
    shell:
        "python stages/predict.py --dataset {wildcards.dataset} --variant {wildcards.variant}"
        " --data {input.data} --network {input.network} --split {wildcards.split} --out {output}"
        " --threads {threads} 2> {log}"


rule evaluate_val:
    input:
        data="data/{dataset}",
        predictions=lambda w: EXPERIMENTS.product("predict", w.dataset, w.variant),
    output:
        "results/{dataset}/{variant}/val_metrics.json",
    log:
        "logs/{dataset}/{variant}/evaluate_val.log",
    conda:
        "../envs/wsss.yaml"
    threads: 8
    resources:
        mem_mb=2000,
    params:
        settings=lambda w: EXPERIMENTS.settings("evaluate_val", w.dataset, w.variant),
    shell:
        "python stages/evaluate.py --step evaluate_val --dataset {wildcards.dataset} --variant {wildcards.variant}"
        " --data {input.data} --made {input.predictions} --out {output} --threads {threads} 2> {log}"


rule val_miou:
    input:
        params="results/{dataset}/main/params.yaml",
        seeds="results/{dataset}/main/seed_metrics.json",
        masks="results/{dataset}/main/mask_metrics.json",
        val="results/{dataset}/main/val_metrics.json",
        other_seeds=lambda w: [
            f"results/{w.dataset}/{variant}/seed_metrics.json"
            for variant in EXPERIMENTS.compared("seeds", w.dataset).values()
        ],
        other_val=lambda w: [
            f"results/{w.dataset}/{variant}/val_metrics.json"
            for variant in EXPERIMENTS.compared("val", w.dataset).values()
        ],
    output:
        report(
            "results/{dataset}_val_miou.json",
            category="Results",
            caption="../report/val_miou.rst",
        ),
    log:
        "logs/{dataset}/val_miou.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        compared=lambda w: (
            EXPERIMENTS.compared("seeds", w.dataset),
            EXPERIMENTS.compared("val", w.dataset),
        ),
    shell:
        "python stages/summarize_val.py --dataset {wildcards.dataset} --results results/{wildcards.dataset}"
        " --out {output} 2> {log}"


rule test_submission:
    input:
        data="data/{dataset}",
        predictions="results/{dataset}/main/predictions/test",
    output:
        "results/{dataset}_test_submission.tar.gz",
    log:
        "logs/{dataset}/test_submission.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=500,
    shell:
        "python stages/export_test.py --dataset {wildcards.dataset} --data {input.data}"
        " --predictions {input.predictions} --out {output} 2> {log}"
