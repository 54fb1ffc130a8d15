# From wherever a data set is to the one form that every stage reads.


rule prepare_data:
    output:
        directory("data/{dataset}"),
    log:
        "logs/{dataset}/prepare_data.log",
    conda:
        "../envs/wsss.yaml"
    threads: 8
    resources:
        mem_mb=2000,
    params:
        settings=lambda w: EXPERIMENTS.settings("prepare_data", w.dataset),
    shell:
        "python stages/prepare_data.py --dataset {wildcards.dataset} --out {output} --threads {threads} 2> {log}"


rule resolve_params:
    output:
        "results/{dataset}/{variant}/params.yaml",
    log:
        "logs/{dataset}/{variant}/resolve_params.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        settings=lambda w: EXPERIMENTS.parameters(w.dataset, w.variant).model_dump(),
    shell:
        "python stages/resolve_params.py --dataset {wildcards.dataset} --variant {wildcards.variant} --out {output}"
        " 2> {log}"
