# The paper's tables, claims and figures with our numbers. workflow/tables.yaml says what each row runs.


rule make_table:
    input:
        unpack(lambda w: PLAN.inputs("make_table", w)),
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
        command=lambda w: PLAN.command("make_table", w),
    shell:
        "python stages/make_table.py {params.command:q} --out {output.markdown} 2> {log}"


rule compare_methods:
    input:
        unpack(lambda w: PLAN.inputs("compare_methods", w)),
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
        command=lambda w: PLAN.command("compare_methods", w),
    shell:
        "python stages/compare_methods.py {params.command:q} --out {output.markdown} 2> {log}"


rule collect_tables:
    input:
        unpack(lambda w: PLAN.inputs("collect_tables", w)),
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
        command=lambda w: PLAN.command("collect_tables", w),
    shell:
        "python stages/collect_tables.py {params.command:q} --out {output} 2> {log}"


rule judge_claims:
    input:
        unpack(lambda w: PLAN.inputs("judge_claims", w)),
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
        command=lambda w: PLAN.command("judge_claims", w),
    shell:
        "python stages/judge_claims.py {params.command:q} --out {output.markdown} 2> {log}"


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
        unpack(lambda w: PLAN.inputs("extract_features", w)),
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
        command=lambda w: PLAN.command("extract_features", w),
    shell:
        "python stages/extract_features.py {params.command:q} --out {output} --threads {threads} 2> {log}"


rule plot_seeds:
    input:
        unpack(lambda w: PLAN.inputs("plot_seeds", w)),
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
        command=lambda w: PLAN.command("plot_seeds", w),
    shell:
        "python stages/plot_seeds.py {params.command:q} --out {output} 2> {log}"


rule paper_figures:
    input:
        expand(
            "results/{dataset}/figures/{figure}.png",
            dataset=EXPERIMENTS.dataset,
            figure=TABLES.figures,
        ),
