# Masks: confident labels, AffinityNet, random walk (PSA).


use rule stage as label_affinity with:
    input:
        unpack(PLAN.asks("label_affinity")),
    output:
        directory("results/{dataset}/{variant}/affinity_labels"),
    log:
        "logs/{dataset}/{variant}/label_affinity.log",


use rule stage as train_affinity with:
    input:
        unpack(PLAN.asks("train_affinity")),
    output:
        directory("results/{dataset}/{variant}/affinity_network"),
    log:
        "logs/{dataset}/{variant}/train_affinity.log",


use rule stage as make_mask with:
    input:
        unpack(PLAN.asks("make_mask")),
    output:
        directory("results/{dataset}/{variant}/masks"),
    log:
        "logs/{dataset}/{variant}/make_mask.log",


use rule stage as inspect_masks with:
    input:
        unpack(PLAN.asks("inspect_masks")),
    output:
        "results/{dataset}/{variant}/mask_quality.json",
        report(
            "results/{dataset}/{variant}/mask_quality.html",
            category="Data",
            caption="../report/masks.rst",
        ),
    log:
        "logs/{dataset}/{variant}/inspect_masks.log",


use rule stage as evaluate_mask with:
    input:
        unpack(PLAN.asks("evaluate_mask")),
    output:
        "results/{dataset}/{variant}/mask_metrics.json",
        "results/{dataset}/{variant}/mask_metrics.csv",
    log:
        "logs/{dataset}/{variant}/evaluate_mask.log",
