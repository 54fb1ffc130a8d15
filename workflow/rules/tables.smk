# The paper's tables, claims and figures with our numbers. workflow/tables.yaml says what each row runs.


use rule stage as make_table with:
    input:
        unpack(PLAN.asks("make_table")),
    output:
        markdown="results/tables/{dataset}/{table}.md",
        csv="results/tables/{dataset}/{table}.csv",
        latex="results/tables/{dataset}/{table}.tex",
        pdf="results/tables/{dataset}/{table}.pdf",
        picture=report(
            "results/tables/{dataset}/{table}.png",
            category="Tables",
            caption="../report/table.rst",
        ),
    log:
        "logs/{dataset}/tables/{table}.log",
    wildcard_constraints:
        table="|".join(TABLES.tables),


use rule stage as compare_methods with:
    input:
        unpack(PLAN.asks("compare_methods")),
    output:
        markdown="results/tables/{dataset}/{table}.md",
        csv="results/tables/{dataset}/{table}.csv",
        latex="results/tables/{dataset}/{table}.tex",
        pdf="results/tables/{dataset}/{table}.pdf",
        picture=report(
            "results/tables/{dataset}/{table}.png",
            category="Tables",
            caption="../report/methods.rst",
        ),
    log:
        "logs/{dataset}/tables/{table}.log",
    wildcard_constraints:
        table="|".join(TABLES.comparisons),


use rule stage as collect_tables with:
    input:
        unpack(PLAN.asks("collect_tables")),
    output:
        "results/tables/{dataset}/tables.md",
    log:
        "logs/{dataset}/tables/collect_tables.log",


use rule stage as judge_claims with:
    input:
        unpack(PLAN.asks("judge_claims")),
    output:
        markdown="results/{dataset}/claims.md",
        json="results/{dataset}/claims.json",
    log:
        "logs/{dataset}/tables/judge_claims.log",


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


use rule stage as calibrate with:
    input:
        unpack(PLAN.asks("calibrate")),
    output:
        "results/{dataset}/calibration/{line}.json",
    log:
        "logs/{dataset}/calibration/{line}.log",
    wildcard_constraints:
        line="|".join(TABLES.lines),
    params:
        command=lambda w, output, threads: PLAN.command(output[0], threads),
        about=lambda w: TABLES.about_line(w.dataset, w.line),
    message:
        "Calibration: {params.about}"


use rule stage as calibration_page with:
    input:
        unpack(PLAN.asks("calibration_page")),
    output:
        "results/{dataset}/calibration.md",
    log:
        "logs/{dataset}/calibration_page.log",


use rule stage as extract_features with:
    input:
        unpack(PLAN.asks("extract_features")),
    output:
        directory("results/{dataset}/{variant}/features"),
    log:
        "logs/{dataset}/{variant}/extract_features.log",


use rule stage as plot_seeds with:
    input:
        unpack(PLAN.asks("plot_seeds")),
    output:
        report(
            "results/{dataset}/figures/{figure}.png",
            category="Figures of the paper",
            caption="../report/seeds.rst",
        ),
        pdf="results/{dataset}/figures/{figure}.pdf",
    log:
        "logs/{dataset}/figures/{figure}.log",
    wildcard_constraints:
        figure=r"figure\d+",


rule paper_figures:
    input:
        expand(
            "results/{dataset}/figures/{figure}.png",
            dataset=EXPERIMENTS.dataset,
            figure=TABLES.figures,
        ),
