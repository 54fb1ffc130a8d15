# The page of a result: a folder of static files, of main beside the experiments that params.yaml compares with it, or of
# those that the target names.


use rule stage as make_page with:
    input:
        unpack(PLAN.asks("make_page")),
    output:
        directory("results/{dataset}/page"),
    log:
        "logs/{dataset}/make_page.log",


use rule stage as compare_page with:
    input:
        unpack(PLAN.asks("compare_page")),
    output:
        directory("results/{dataset}/pages/{experiments}"),
    log:
        "logs/{dataset}/pages/{experiments}.log",


rule page:
    input:
        f"results/{EXPERIMENTS.dataset}/page",
