# Seeds: train the seed network, extract, evaluate.


rule train_seed:
    input:
        unpack(lambda w: PLAN.inputs("train_seed", w)),
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
        command=lambda w: PLAN.command("train_seed", w),
    shell:
        "python stages/train_seed.py {params.command:q} --out {output} --threads {threads} 2> {log}"


rule extract_seed:
    input:
        unpack(lambda w: PLAN.inputs("extract_seed", w)),
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
        command=lambda w: PLAN.command("extract_seed", w),
    shell:
        "python stages/extract_seed.py {params.command:q} --out {output} --threads {threads} 2> {log}"


rule evaluate_seed:
    input:
        unpack(lambda w: PLAN.inputs("evaluate_seed", w)),
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
        command=lambda w: PLAN.command("evaluate_seed", w),
    shell:
        "python stages/evaluate.py {params.command:q} --out {output} --threads {threads} 2> {log}"
