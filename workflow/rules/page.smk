# The page of a result: a folder of static files, of main beside the experiments that params.yaml compares with it.


use rule stage as make_page with:
    input:
        unpack(PLAN.asks("make_page")),
    output:
        directory("results/{dataset}/page"),
    log:
        "logs/{dataset}/make_page.log",


rule page:
    input:
        f"results/{EXPERIMENTS.dataset}/page",
