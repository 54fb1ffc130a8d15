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
        runtime=720,
    params:
        md5=lambda w: EXPERIMENTS.sources.files[w.archive].md5,
    shell:
        "python stages/fetch_archive.py --out {output:q} 2> {log:q}"


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
        runtime=240,
    shell:
        "python stages/unpack_archive.py --archive {input.archive:q} --out {output:q} 2> {log:q}"


use rule stage as prepare_data with:
    input:
        unpack(PLAN.asks("prepare_data")),
    output:
        directory("data/{dataset}"),
    log:
        "logs/{dataset}/prepare_data.log",


use rule stage as inspect_data with:
    input:
        unpack(PLAN.asks("inspect_data")),
    output:
        report(
            "results/{dataset}/data.html",
            category="Data",
            caption="../report/data.rst",
        ),
    log:
        "logs/{dataset}/inspect_data.log",


use rule stage as resolve_params with:
    input:
        unpack(PLAN.asks("resolve_params")),
    output:
        "results/{dataset}/{variant}/params.yaml",
    log:
        "logs/{dataset}/{variant}/resolve_params.log",


use rule stage as smoke with:
    input:
        unpack(PLAN.asks("smoke")),
    output:
        "results/{dataset}/smoke.md",
    log:
        "logs/{dataset}/smoke.log",
