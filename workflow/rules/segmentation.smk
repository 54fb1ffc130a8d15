# The segmentation network: train on masks, predict, evaluate, export.


use rule stage as train_segmentation with:
    input:
        unpack(PLAN.asks("train_segmentation")),
    output:
        directory("results/{dataset}/{variant}/segmentation_network"),
    log:
        "logs/{dataset}/{variant}/train_segmentation.log",


use rule stage as predict with:
    input:
        unpack(PLAN.asks("predict")),
    output:
        directory("results/{dataset}/{variant}/predictions/{split}"),
    log:
        "logs/{dataset}/{variant}/predict_{split}.log",


use rule stage as evaluate_val with:
    input:
        unpack(PLAN.asks("evaluate_val")),
    output:
        "results/{dataset}/{variant}/val_metrics.json",
        "results/{dataset}/{variant}/val_metrics.csv",
    log:
        "logs/{dataset}/{variant}/evaluate_val.log",


use rule stage as val_miou with:
    input:
        unpack(PLAN.asks("summarize_val")),
        params="results/{dataset}/main/params.yaml",
    output:
        report(
            "results/{dataset}_val_miou.json",
            category="Results",
            caption="../report/val_miou.rst",
        ),
    log:
        "logs/{dataset}/val_miou.log",


use rule stage as write_provenance with:
    input:
        unpack(PLAN.asks("write_provenance")),
    output:
        report(
            "results/{dataset}/provenance.md",
            category="Results",
            caption="../report/provenance.rst",
        ),
    log:
        "logs/{dataset}/write_provenance.log",


use rule stage as write_cost with:
    input:
        unpack(PLAN.asks("write_cost")),
    output:
        "results/{dataset}/cost.md",
    log:
        "logs/{dataset}/write_cost.log",


use rule stage as test_submission with:
    input:
        unpack(PLAN.asks("export_test")),
    output:
        "results/{dataset}_test_submission.tar.gz",
    log:
        "logs/{dataset}/test_submission.log",
