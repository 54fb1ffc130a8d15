# Masks: confident labels, AffinityNet, random walk (PSA).


rule label_affinity:
    input:
        unpack(lambda w: PLAN.inputs("label_affinity", w)),
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
        command=lambda w: PLAN.command("label_affinity", w),
    shell:
        "python stages/label_affinity.py {params.command:q} --out {output} --threads {threads} 2> {log}"


rule train_affinity:
    input:
        unpack(lambda w: PLAN.inputs("train_affinity", w)),
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
        command=lambda w: PLAN.command("train_affinity", w),
    shell:
        "python stages/train_affinity.py {params.command:q} --out {output} --threads {threads} 2> {log}"


rule make_mask:
    input:
        unpack(lambda w: PLAN.inputs("make_mask", w)),
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
        command=lambda w: PLAN.command("make_mask", w),
    shell:
        "python stages/make_mask.py {params.command:q} --out {output} --threads {threads} 2> {log}"


rule evaluate_mask:
    input:
        unpack(lambda w: PLAN.inputs("evaluate_mask", w)),
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
        command=lambda w: PLAN.command("evaluate_mask", w),
    shell:
        "python stages/evaluate.py {params.command:q} --out {output} --threads {threads} 2> {log}"
