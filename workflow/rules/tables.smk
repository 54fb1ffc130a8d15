# The paper's tables, claims and figures with our numbers. workflow/tables.yaml says what each row runs.


rule make_table:
    input:
        tables="workflow/tables.yaml",
        metrics=lambda w: sorted(set(TABLES.table_metrics(w.table, w.dataset).values())),
    output:
        markdown="results/tables/{dataset}/{table}.md",
        csv="results/tables/{dataset}/{table}.csv",
        picture=report(
            "results/tables/{dataset}/{table}.png",
            category="Tables",
            caption="../report/table.rst",
        ),
    log:
        "logs/{dataset}/tables/{table}.log",
    wildcard_constraints:
        table="|".join(TABLES.tables),
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        metrics=lambda w: [
            f"{label}={path}"
            for label, path in TABLES.table_metrics(w.table, w.dataset).items()
        ],
        trainings=lambda w: TABLES.trainings(TABLES.table_metrics(w.table, w.dataset)),
    shell:
        "python stages/make_table.py --dataset {wildcards.dataset} --table {wildcards.table} --tables {input.tables}"
        " --metrics {params.metrics:q} --trainings {params.trainings} --out {output.markdown}"
        " 2> {log}"


rule compare_methods:
    input:
        tables="workflow/tables.yaml",
        metrics=lambda w: sorted(
            set(TABLES.comparison_metrics(w.table, w.dataset).values())
        ),
    output:
        markdown="results/tables/{dataset}/{table}.md",
        csv="results/tables/{dataset}/{table}.csv",
        picture=report(
            "results/tables/{dataset}/{table}.png",
            category="Tables",
            caption="../report/methods.rst",
        ),
    log:
        "logs/{dataset}/tables/{table}.log",
    wildcard_constraints:
        table="|".join(TABLES.comparisons),
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        metrics=lambda w: [
            f"{label}={path}"
            for label, path in TABLES.comparison_metrics(w.table, w.dataset).items()
        ],
    shell:
        "python stages/compare_methods.py --dataset {wildcards.dataset} --table {wildcards.table}"
        " --tables {input.tables} --metrics {params.metrics:q} --out {output.markdown} 2> {log}"


rule collect_tables:
    input:
        tables=expand("results/tables/{{dataset}}/{table}.csv", table=TABLES.tables),
        comparisons=expand(
            "results/tables/{{dataset}}/{table}.csv", table=TABLES.comparisons
        ),
    output:
        "results/tables/{dataset}/tables.md",
    log:
        "logs/{dataset}/tables/collect_tables.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        trainings=lambda w: TABLES.all_trainings(w.dataset),
        seeds=lambda w: EXPERIMENTS.parameters(w.dataset).tables.random_seeds,
    shell:
        "python stages/collect_tables.py --dataset {wildcards.dataset} --seed-tables {input.tables}"
        " --method-tables {input.comparisons} --trainings {params.trainings} --out {output} 2> {log}"


rule judge_claims:
    input:
        tables="workflow/tables.yaml",
        metrics=lambda w: sorted(set(TABLES.claim_metrics(w.dataset).values())),
    output:
        markdown="results/{dataset}/claims.md",
        json="results/{dataset}/claims.json",
    log:
        "logs/{dataset}/tables/judge_claims.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        metrics=lambda w: [
            f"{label}={path}"
            for label, path in TABLES.claim_metrics(w.dataset).items()
        ],
    shell:
        "python stages/judge_claims.py --dataset {wildcards.dataset} --tables {input.tables}"
        " --metrics {params.metrics:q} --out {output.markdown} 2> {log}"


rule tables:
    input:
        f"results/tables/{EXPERIMENTS.dataset}/tables.md",
        expand(
            "results/tables/{dataset}/{table}.png",
            dataset=EXPERIMENTS.dataset,
            table=TABLES.tables + TABLES.comparisons,
        ),


rule claims:
    input:
        f"results/{EXPERIMENTS.dataset}/claims.md",


rule extract_features:
    input:
        data="data/{dataset}",
        network=lambda w: EXPERIMENTS.product("train_seed", w.dataset, w.variant),
    output:
        directory("results/{dataset}/{variant}/features"),
    log:
        "logs/{dataset}/{variant}/extract_features.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        settings=lambda w: EXPERIMENTS.settings(
            "extract_features", w.dataset, w.variant
        ),
    shell:
        "python stages/extract_features.py --dataset {wildcards.dataset} --variant {wildcards.variant}"
        " --data {input.data} --network {input.network} --out {output} --threads {threads} 2> {log}"


rule plot_seeds:
    input:
        tables="workflow/tables.yaml",
        data="data/{dataset}",
        columns=lambda w: sorted(
            set(TABLES.figure_folders(w.figure, w.dataset).values())
        ),
    output:
        report(
            "results/{dataset}/figures/{figure}.png",
            category="Figures of the paper",
            caption="../report/seeds.rst",
        ),
    log:
        "logs/{dataset}/figures/{figure}.log",
    wildcard_constraints:
        figure=r"figure\d+",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        columns=lambda w: [
            f"{number}={path}"
            for number, path in TABLES.figure_folders(w.figure, w.dataset).items()
        ],
    shell:
        "python stages/plot_seeds.py --dataset {wildcards.dataset} --figure {wildcards.figure} --tables {input.tables}"
        " --data {input.data} --columns {params.columns:q} --out {output} 2> {log}"


rule paper_figures:
    input:
        expand(
            "results/{dataset}/figures/{figure}.png",
            dataset=EXPERIMENTS.dataset,
            figure=TABLES.figures,
        ),
