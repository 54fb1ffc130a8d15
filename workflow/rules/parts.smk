# Jobs over images: parts of what the rule of the same name then gathers, as many as `jobs.over_images` says.


use rule stage as extract_seed_part with:
    input:
        unpack(PLAN.asks("extract_seed")),
    output:
        directory("results/{dataset}/{variant}/.parts/seeds/{part}"),
    log:
        "logs/{dataset}/{variant}/extract_seed/{part}.log",


use rule stage as label_affinity_part with:
    input:
        unpack(PLAN.asks("label_affinity")),
    output:
        directory("results/{dataset}/{variant}/.parts/affinity_labels/{part}"),
    log:
        "logs/{dataset}/{variant}/label_affinity/{part}.log",


use rule stage as make_mask_part with:
    input:
        unpack(PLAN.asks("make_mask")),
    output:
        directory("results/{dataset}/{variant}/.parts/masks/{part}"),
    log:
        "logs/{dataset}/{variant}/make_mask/{part}.log",


use rule stage as predict_part with:
    input:
        unpack(PLAN.asks("predict")),
    output:
        directory("results/{dataset}/{variant}/.parts/predictions/{split}/{part}"),
    log:
        "logs/{dataset}/{variant}/predict_{split}/{part}.log",
