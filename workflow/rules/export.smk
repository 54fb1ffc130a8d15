# For other methods: seeds, CRFs, masks and labels in the files that these read.


use rule stage as export_seeds with:
    input:
        unpack(PLAN.asks("export_seeds")),
    output:
        directory("results/{dataset}/{variant}/export/seeds"),
    log:
        "logs/{dataset}/{variant}/export_seeds.log",


use rule stage as export_crf with:
    input:
        unpack(PLAN.asks("export_crf")),
    output:
        directory("results/{dataset}/{variant}/export/crf"),
    log:
        "logs/{dataset}/{variant}/export_crf.log",


use rule stage as export_masks with:
    input:
        unpack(PLAN.asks("export_masks")),
    output:
        directory("results/{dataset}/{variant}/export/masks"),
    log:
        "logs/{dataset}/{variant}/export_masks.log",


use rule stage as export_labels with:
    input:
        unpack(PLAN.asks("export_labels")),
    output:
        directory("results/{dataset}/{variant}/export/labels"),
    log:
        "logs/{dataset}/{variant}/export_labels.log",
