# Masks: confident labels, AffinityNet, random walk (PSA).


rule label_affinity:
    input:
        data="data/{dataset}",
        seeds=lambda w: EXPERIMENTS.product("extract_seed", w.dataset, w.variant),
    output:
        directory("results/{dataset}/{variant}/affinity_labels"),
    log:
        "logs/{dataset}/{variant}/label_affinity.log",
    conda:
        "../envs/wsss.yaml"
    threads: 64
    resources:
        mem_mb=8000,
    params:
        settings=lambda w: EXPERIMENTS.settings("label_affinity", w.dataset, w.variant),
    shell:
        "python stages/label_affinity.py --dataset {wildcards.dataset} --variant {wildcards.variant}"
        " --data {input.data} --seeds {input.seeds} --out {output} --threads {threads} 2> {log}"


rule train_affinity:
    input:
        data="data/{dataset}",
        labels=lambda w: EXPERIMENTS.product("label_affinity", w.dataset, w.variant),
        weights=lambda w: EXPERIMENTS.weights("affinity", w.dataset, w.variant),
    output:
        directory("results/{dataset}/{variant}/affinity_network"),
    log:
        "logs/{dataset}/{variant}/train_affinity.log",
    conda:
        "../envs/wsss.yaml"
    threads: lambda w: EXPERIMENTS.training_threads("affinity", w.dataset, w.variant)
    resources:
        gpu=lambda w: 0 if EXPERIMENTS.is_small("affinity", w.dataset, w.variant) else 1,
        mem_mb=8000,
    params:
        settings=lambda w: EXPERIMENTS.settings("train_affinity", w.dataset, w.variant),
    shell:
        "python stages/train_affinity.py --dataset {wildcards.dataset} --variant {wildcards.variant}"
        " --data {input.data} --labels {input.labels} --out {output} --threads {threads} 2> {log}"


rule make_mask:
    input:
        data="data/{dataset}",
        seeds=lambda w: EXPERIMENTS.product("extract_seed", w.dataset, w.variant),
        network=lambda w: EXPERIMENTS.product("train_affinity", w.dataset, w.variant),
    output:
        directory("results/{dataset}/{variant}/masks"),
    log:
        "logs/{dataset}/{variant}/make_mask.log",
    conda:
        "../envs/wsss.yaml"
    threads: 8
    resources:
        gpu=lambda w: 0 if EXPERIMENTS.is_small("affinity", w.dataset, w.variant) else 1,
        mem_mb=8000,
    params:
        settings=lambda w: EXPERIMENTS.settings("make_mask", w.dataset, w.variant),
    shell:
        "python stages/make_mask.py --dataset {wildcards.dataset} --variant {wildcards.variant}"
        " --data {input.data} --seeds {input.seeds} --network {input.network} --out {output}"
        " --threads {threads} 2> {log}"


rule evaluate_mask:
    input:
        data="data/{dataset}",
        masks=lambda w: EXPERIMENTS.product("make_mask", w.dataset, w.variant),
    output:
        "results/{dataset}/{variant}/mask_metrics.json",
    log:
        "logs/{dataset}/{variant}/evaluate_mask.log",
    conda:
        "../envs/wsss.yaml"
    threads: 8
    resources:
        mem_mb=2000,
    params:
        settings=lambda w: EXPERIMENTS.settings("evaluate_mask", w.dataset, w.variant),
    shell:
        "python stages/evaluate.py --step evaluate_mask --dataset {wildcards.dataset} --variant {wildcards.variant}"
        " --data {input.data} --made {input.masks} --out {output} --threads {threads} 2> {log}"
