# From wherever a data set is to the one form that every stage reads.


rule fetch_archive:
    output:
        "archives/{archive}",
    log:
        "logs/archives/fetch_{archive}.log",
    wildcard_constraints:
        archive="|".join(map(re.escape, EXPERIMENTS.sources.files)),
    retries: 2
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        md5=lambda w: EXPERIMENTS.sources.files[w.archive].md5,
    shell:
        "python stages/fetch_archive.py --out {output} 2> {log}"


rule unpack_archive:
    input:
        archive=lambda w: EXPERIMENTS.archive(w.archive),
    output:
        directory("archives/unpacked/{archive}"),
    log:
        "logs/archives/unpack_{archive}.log",
    wildcard_constraints:
        archive="|".join(map(re.escape, EXPERIMENTS.sources.files)),
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=500,
    shell:
        "python stages/unpack_archive.py --archive {input.archive} --out {output} 2> {log}"


rule prepare_data:
    input:
        unpack(lambda w: PLAN.inputs("prepare_data", w)),
    output:
        directory("data/{dataset}"),
    log:
        "logs/{dataset}/prepare_data.log",
    conda:
        "../envs/wsss.yaml"
    threads: 8
    resources:
        mem_mb=8000,
    params:
        command=lambda w: PLAN.command("prepare_data", w),
    shell:
        "python stages/prepare_data.py {params.command:q} --out {output} --threads {threads} 2> {log}"


rule inspect_data:
    input:
        unpack(lambda w: PLAN.inputs("inspect_data", w)),
    output:
        report(
            "results/{dataset}/data.html",
            category="Data",
            caption="../report/data.rst",
        ),
    log:
        "logs/{dataset}/inspect_data.log",
    conda:
        "../envs/wsss.yaml"
    threads: 8
    resources:
        mem_mb=4000,
    params:
        command=lambda w: PLAN.command("inspect_data", w),
    shell:
        "python stages/inspect_data.py {params.command:q} --out {output} --threads {threads} 2> {log}"


rule resolve_params:
    input:
        unpack(lambda w: PLAN.inputs("resolve_params", w)),
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
        command=lambda w: PLAN.command("resolve_params", w),
    shell:
        "python stages/resolve_params.py {params.command:q} --out {output} 2> {log}"
