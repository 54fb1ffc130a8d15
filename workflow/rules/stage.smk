# What all rules of stages share. Each says beside it what is special about it; the plan (wsss/plan/) knows its inputs and
# command line by what it makes, wsss/plan/resources.py what it needs, by the rule's name.


rule stage:
    log:
        "logs/stage.log",
    priority: lambda w: PLAN.priorities.of(w)
    conda:
        "../envs/wsss.yaml"
    threads: lambda w, rulename: ASKED.threads(rulename, dict(w.items()))
    resources:
        gpu=lambda w, rulename: ASKED.gpu(rulename, dict(w.items())),
        mem_mb=lambda w, rulename, threads, attempt: ASKED.mem_mb(
            rulename, dict(w.items()), threads, attempt
        ),
        runtime=lambda w, rulename, threads, attempt: ASKED.runtime(
            rulename, dict(w.items()), threads, attempt
        ),
    params:
        command=lambda w, output, threads, resources: PLAN.command(
            output[0], threads, resources.get("gpu", 0)
        ),
    shell:
        "python {params.command:q} 2> {log:q}"
