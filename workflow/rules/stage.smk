# What all rules of stages share. Each says beside it what is special about it; the plan (wsss/plan/) knows its inputs and
# command line by what it makes.


rule stage:
    log:
        "logs/stage.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        command=lambda w, output, threads, resources: PLAN.command(
            output[0], threads, resources.get("gpu", 0)
        ),
    shell:
        "python {params.command:q} 2> {log:q}"
