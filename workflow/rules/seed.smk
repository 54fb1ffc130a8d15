# Seeds: train the seed network, extract, evaluate.


rule train_seed:
    input:
        data="data/{dataset}",
        weights=lambda w: EXPERIMENTS.weights("seed", w.dataset, w.variant),
    output:
        directory("results/{dataset}/{variant}/seed_network"),
    log:
        "logs/{dataset}/{variant}/train_seed.log",
    conda:
        "../envs/wsss.yaml"
    threads: lambda w: EXPERIMENTS.training_threads("seed", w.dataset, w.variant)
    resources:
        gpu=lambda w: 0 if EXPERIMENTS.is_small("seed", w.dataset, w.variant) else 1,
        mem_mb=8000,
    params:
        settings=lambda w: EXPERIMENTS.settings("train_seed", w.dataset, w.variant),
    shell:
        "python stages/train_seed.py --dataset {wildcards.dataset} --variant {wildcards.variant}"
        " --data {input.data} --out {output} --threads {threads} 2> {log}"


rule extract_seed:
    input:
        data="data/{dataset}",
        network=lambda w: EXPERIMENTS.product("train_seed", w.dataset, w.variant),
    output:
        directory("results/{dataset}/{variant}/seeds"),
    log:
        "logs/{dataset}/{variant}/extract_seed.log",
    conda:
        "../envs/wsss.yaml"
    threads: lambda w: EXPERIMENTS.training_threads("seed", w.dataset, w.variant)
    resources:
        gpu=lambda w: 0 if EXPERIMENTS.is_small("seed", w.dataset, w.variant) else 1,
        mem_mb=8000,
    params:
        settings=lambda w: EXPERIMENTS.settings("extract_seed", w.dataset, w.variant),
    shell:
        "python stages/extract_seed.py --dataset {wildcards.dataset} --variant {wildcards.variant}"
        " --data {input.data} --network {input.network} --out {output} --threads {threads} 2> {log}"


rule evaluate_seed:
    input:
        data="data/{dataset}",
        seeds=lambda w: EXPERIMENTS.product("extract_seed", w.dataset, w.variant),
    output:
        "results/{dataset}/{variant}/seed_metrics.json",
    log:
        "logs/{dataset}/{variant}/evaluate_seed.log",
    conda:
        "../envs/wsss.yaml"
    threads: lambda w: EXPERIMENTS.training_threads("seed", w.dataset, w.variant)
    resources:
        mem_mb=2000,
    params:
        settings=lambda w: EXPERIMENTS.settings("evaluate_seed", w.dataset, w.variant),
    shell:
        "python stages/evaluate.py --step evaluate_seed --dataset {wildcards.dataset} --variant {wildcards.variant}"
        " --data {input.data} --made {input.seeds} --out {output} --threads {threads} 2> {log}"
