# The segmentation network: train on masks, predict, evaluate, export.


rule train_segmentation:
    input:
        unpack(lambda w: PLAN.inputs("train_segmentation", w)),
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
        command=lambda w: PLAN.command("train_segmentation", w),
    shell:
        "python stages/train_segmentation.py {params.command:q} --out {output} --threads {threads} 2> {log}"


rule predict:
    input:
        unpack(lambda w: PLAN.inputs("predict", w)),
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
        command=lambda w: PLAN.command("predict", w),
    shell:
        "python stages/predict.py {params.command:q} --out {output} --threads {threads} 2> {log}"


rule evaluate_val:
    input:
        unpack(lambda w: PLAN.inputs("evaluate_val", w)),
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
        command=lambda w: PLAN.command("evaluate_val", w),
    shell:
        "python stages/evaluate.py {params.command:q} --out {output} --threads {threads} 2> {log}"


rule val_miou:
    input:
        unpack(lambda w: PLAN.inputs("summarize_val", w)),
        params="results/{dataset}/main/params.yaml",
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
        command=lambda w: PLAN.command("summarize_val", w),
    shell:
        "python stages/summarize_val.py {params.command:q} --out {output} 2> {log}"


rule test_submission:
    input:
        unpack(lambda w: PLAN.inputs("export_test", w)),
    output:
        "results/{dataset}_test_submission.tar.gz",
    log:
        "logs/{dataset}/test_submission.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        command=lambda w: PLAN.command("export_test", w),
    shell:
        "python stages/export_test.py {params.command:q} --out {output} 2> {log}"
