# Seeds: train the seed network, extract, evaluate.


use rule stage as train_seed with:
    input:
        unpack(PLAN.asks("train_seed")),
    output:
        directory("results/{dataset}/{variant}/seed_network"),
    log:
        "logs/{dataset}/{variant}/train_seed.log",


use rule stage as extract_seed with:
    input:
        unpack(PLAN.asks("extract_seed")),
    output:
        directory("results/{dataset}/{variant}/seeds"),
    log:
        "logs/{dataset}/{variant}/extract_seed.log",


use rule stage as evaluate_labels with:
    input:
        unpack(PLAN.asks("evaluate_labels")),
    output:
        "results/{dataset}/{variant}/label_metrics.json",
    log:
        "logs/{dataset}/{variant}/evaluate_labels.log",


use rule stage as evaluate_seed with:
    input:
        unpack(PLAN.asks("evaluate_seed")),
    output:
        "results/{dataset}/{variant}/seed_metrics.json",
        "results/{dataset}/{variant}/seed_metrics.csv",
    log:
        "logs/{dataset}/{variant}/evaluate_seed.log",
