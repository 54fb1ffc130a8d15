# Figures: what every step makes, main beside the experiments that params.yaml compares with it.


rule plot_overview:
    input:
        unpack(lambda w: PLAN.inputs("plot_overview", w)),
    output:
        report(
            "results/{dataset}/figures/overview.png",
            category="Figures",
            caption="../report/overview.rst",
        ),
    log:
        "logs/{dataset}/plot_overview.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        command=lambda w: PLAN.command("plot_overview", w),
    shell:
        "python stages/plot_overview.py {params.command:q} --out {output} 2> {log}"


rule plot_thresholds:
    input:
        unpack(lambda w: PLAN.inputs("plot_thresholds", w)),
    output:
        report(
            "results/{dataset}/figures/thresholds.png",
            category="Figures",
            caption="../report/thresholds.rst",
        ),
    log:
        "logs/{dataset}/plot_thresholds.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        command=lambda w: PLAN.command("plot_thresholds", w),
    shell:
        "python stages/plot_metrics.py {params.command:q} --out {output} 2> {log}"


rule plot_training:
    input:
        unpack(lambda w: PLAN.inputs("plot_training", w)),
    output:
        report(
            "results/{dataset}/figures/training.png",
            category="Figures",
            caption="../report/training.rst",
        ),
    log:
        "logs/{dataset}/plot_training.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        command=lambda w: PLAN.command("plot_training", w),
    shell:
        "python stages/plot_training.py {params.command:q} --out {output} 2> {log}"


rule plot_confusion:
    input:
        unpack(lambda w: PLAN.inputs("plot_confusion", w)),
    output:
        report(
            "results/{dataset}/figures/val_confusion.png",
            category="Figures",
            caption="../report/val_confusion.rst",
        ),
    log:
        "logs/{dataset}/plot_confusion.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        command=lambda w: PLAN.command("plot_confusion", w),
    shell:
        "python stages/plot_metrics.py {params.command:q} --out {output} 2> {log}"


rule plot_classes:
    input:
        unpack(lambda w: PLAN.inputs("plot_classes", w)),
    output:
        report(
            "results/{dataset}/figures/classes.png",
            category="Figures",
            caption="../report/classes.rst",
        ),
    log:
        "logs/{dataset}/plot_classes.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        command=lambda w: PLAN.command("plot_classes", w),
    shell:
        "python stages/plot_metrics.py {params.command:q} --out {output} 2> {log}"


rule figures:
    input:
        expand(
            "results/{dataset}/figures/{figure}.png",
            dataset=EXPERIMENTS.dataset,
            figure=["overview", "thresholds", "training", "val_confusion", "classes"],
        ),
