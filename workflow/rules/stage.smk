# What all rules of stages share. Each says beside it what is special about it; the plan (wsss/plan/) knows its inputs and
# command line by what it makes.


rule stage:
    log:
        "logs/stage.log",
    priority: lambda w: PLAN.priority(w)
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        command=lambda w, output, threads: PLAN.command(output[0], threads),
    shell:
        "python {params.command:q} 2> {log:q}"
