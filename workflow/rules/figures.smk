# Figures: what every step makes, main beside the experiments that params.yaml compares with it.


rule plot_overview:
    input:
        data="data/{dataset}",
        seeds=lambda w: list(
            EXPERIMENTS.shown_products("extract_seed", "seeds", w.dataset).values()
        ),
        seed_metrics=lambda w: EXPERIMENTS.product("evaluate_seed", w.dataset),
        labels=lambda w: EXPERIMENTS.product("label_affinity", w.dataset),
        masks=lambda w: EXPERIMENTS.product("make_mask", w.dataset),
        predictions=lambda w: list(
            EXPERIMENTS.shown_products("predict", "val", w.dataset).values()
        ),
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
        seeds=lambda w, input: [
            f"{label}={path}"
            for label, path in zip(EXPERIMENTS.shown("seeds", w.dataset), input.seeds)
        ],
        predictions=lambda w, input: [
            f"{label}={path}"
            for label, path in zip(
                EXPERIMENTS.shown("val", w.dataset), input.predictions
            )
        ],
    shell:
        "python stages/plot_overview.py --dataset {wildcards.dataset} --data {input.data} --seeds {params.seeds:q}"
        " --seed-metrics {input.seed_metrics} --labels {input.labels} --masks {input.masks} --predictions {params.predictions:q} --out {output}"
        " 2> {log}"


rule plot_thresholds:
    input:
        metrics=lambda w: list(
            EXPERIMENTS.shown_products("evaluate_seed", "seeds", w.dataset).values()
        ),
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
        metrics=lambda w, input: [
            f"{label}={path}"
            for label, path in zip(
                EXPERIMENTS.shown("seeds", w.dataset), input.metrics
            )
        ],
    shell:
        "python stages/plot_metrics.py --figure thresholds --metrics {params.metrics:q} --out {output}"
        " 2> {log}"


rule plot_training:
    input:
        seed=lambda w: EXPERIMENTS.product("train_seed", w.dataset),
        affinity=lambda w: EXPERIMENTS.product("train_affinity", w.dataset),
        segmentation=lambda w: EXPERIMENTS.product("train_segmentation", w.dataset),
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
    shell:
        "python stages/plot_training.py --networks 'seed network={input.seed}'"
        " AffinityNet={input.affinity} 'segmentation network={input.segmentation}' --out {output}"
        " 2> {log}"


rule plot_confusion:
    input:
        masks=lambda w: EXPERIMENTS.product("evaluate_mask", w.dataset),
        val=lambda w: EXPERIMENTS.product("evaluate_val", w.dataset),
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
    shell:
        "python stages/plot_metrics.py --figure confusion"
        " --metrics 'masks of training images={input.masks}' 'predictions on val={input.val}' --out {output}"
        " 2> {log}"


rule plot_classes:
    input:
        seeds=lambda w: EXPERIMENTS.product("evaluate_seed", w.dataset),
        masks=lambda w: EXPERIMENTS.product("evaluate_mask", w.dataset),
        val=lambda w: EXPERIMENTS.product("evaluate_val", w.dataset),
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
    shell:
        "python stages/plot_metrics.py --figure classes --metrics seeds={input.seeds}"
        " masks={input.masks} val={input.val} --out {output} 2> {log}"


rule figures:
    input:
        expand(
            "results/{dataset}/figures/{figure}.png",
            dataset=EXPERIMENTS.dataset,
            figure=["overview", "thresholds", "training", "val_confusion", "classes"],
        ),
