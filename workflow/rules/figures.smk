# Figures: what every step makes, main beside the experiments that params.yaml compares with it.


use rule stage as plot_overview with:
    input:
        unpack(PLAN.asks("plot_overview")),
    output:
        report(
            "results/{dataset}/figures/overview.png",
            category="Figures",
            caption="../report/overview.rst",
        ),
        pdf="results/{dataset}/figures/overview.pdf",
    log:
        "logs/{dataset}/plot_overview.log",


use rule stage as plot_images with:
    input:
        unpack(PLAN.asks("plot_images")),
    output:
        "results/{dataset}/figures/of/{ids}.png",
        pdf="results/{dataset}/figures/of/{ids}.pdf",
    log:
        "logs/{dataset}/figures/{ids}.log",


use rule stage as plot_thresholds with:
    input:
        unpack(PLAN.asks("plot_thresholds")),
    output:
        report(
            "results/{dataset}/figures/thresholds.png",
            category="Figures",
            caption="../report/thresholds.rst",
        ),
        pdf="results/{dataset}/figures/thresholds.pdf",
    log:
        "logs/{dataset}/plot_thresholds.log",


use rule stage as plot_training with:
    input:
        unpack(PLAN.asks("plot_training")),
    output:
        report(
            "results/{dataset}/figures/training.png",
            category="Figures",
            caption="../report/training.rst",
        ),
        pdf="results/{dataset}/figures/training.pdf",
    log:
        "logs/{dataset}/plot_training.log",


use rule stage as plot_confusion with:
    input:
        unpack(PLAN.asks("plot_confusion")),
    output:
        report(
            "results/{dataset}/figures/val_confusion.png",
            category="Figures",
            caption="../report/val_confusion.rst",
        ),
        pdf="results/{dataset}/figures/val_confusion.pdf",
    log:
        "logs/{dataset}/plot_confusion.log",


use rule stage as plot_classes with:
    input:
        unpack(PLAN.asks("plot_classes")),
    output:
        report(
            "results/{dataset}/figures/classes.png",
            category="Figures",
            caption="../report/classes.rst",
        ),
        pdf="results/{dataset}/figures/classes.pdf",
    log:
        "logs/{dataset}/plot_classes.log",


rule figures:
    input:
        PLAN.figures(EXPERIMENTS.dataset),
