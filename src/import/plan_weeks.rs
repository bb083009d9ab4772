//! Weeks 2 to 4 of the plan: the pipeline, what is watched, the traffic. Checklists: what they install is not compose's.

use super::{
    desk::Desk,
    draft::Draft,
    plan::{manual, plain, rollouts, stage},
    shape::Kind,
    yaml::Map,
};

/// Week 2.
pub(super) fn pipeline(desk: &Desk<'_>, drafts: &[Draft<'_>]) -> Map {
    let registry = desk.options.registry.as_deref().unwrap_or("registry.example.com");
    let mut built: Vec<&str> =
        drafts.iter().filter(|draft| draft.image.is_built).map(|draft| draft.image.name.as_str()).collect();
    built.sort_unstable();
    built.dedup();
    let images = if built.is_empty() {
        "No image is built by this project: the pipeline applies, and nothing else.".to_owned()
    } else {
        format!("It builds and pushes {} to {registry}, with the commit as tag.", built.join(", "))
    };
    let mut steps = vec![
        manual(
            "credentials",
            "Give the pipeline its own rights",
            "",
            vec![
                "Create a service account for the pipeline in ${namespace} with the rights of the role `edit` there, and nothing outside.".to_owned(),
                "Let the pipeline log in by OpenID Connect where the cluster allows it; otherwise store a token that ends within 90 days as a secret of the environment ${environment}.".to_owned(),
                "Protect the environment prod with reviewers.".to_owned(),
            ],
            false,
        ),
        manual(
            "workflow",
            "Take the pipeline over",
            "",
            vec![
                "It is in .github/workflows/deploy.yml; `migrate-tui check` reads it. Pin its actions by their commits.".to_owned(),
                plain(&images),
                "It applies with `kubectl apply --server-side --field-manager=migrate-tui -k kubernetes/overlays/${environment}`. A plain `kubectl apply -k` would take the fields over, and the next change from here would conflict with it.".to_owned(),
                "One deploy at a time in an environment, and a running one is not cut off; a `kubectl rollout status` with a time limit comes after the apply.".to_owned(),
            ],
            false,
        ),
        manual(
            "digests",
            "Pin the images by digest",
            "A tag can be moved, a digest cannot.",
            vec!["In kubernetes/overlays/${environment}/kustomization.yml replace `newTag` by `digest: sha256:…` as printed by `docker buildx imagetools inspect`, and apply the overlay of week 1 again; its diff shows the images and nothing else.".to_owned()],
            false,
        ),
    ];
    let run = manual(
        "pipeline-apply",
        "Let the pipeline deploy to ${environment}",
        "",
        vec![
            "Run the pipeline for ${environment} by hand and read its log to the end.".to_owned(),
            "Open the step week-1/overlay here. Its diff is empty but for the images; no field is owned by another manager.".to_owned(),
        ],
        false,
    );
    steps.push(run.with_some("gates", Some(rollouts(drafts))));
    steps.push(manual(
        "rollback-drill",
        "Practise the way back once",
        "Before traffic depends on it.",
        vec![
            "Let the pipeline deploy an image that never becomes ready, and see that it fails while the old pods go on serving.".to_owned(),
            "Deploy the commit before it, and note how long it took.".to_owned(),
        ],
        false,
    ));
    stage(
        "week-2",
        "Week 2 CI/CD",
        "The pipeline builds, pushes and applies; nobody applies from a laptop any more.",
        steps,
    )
}

/// Week 3.
pub(super) fn observability(drafts: &[Draft<'_>]) -> Map {
    let is_watching = |draft: &&Draft<'_>| {
        let name = draft.image.name.rsplit('/').next().unwrap_or_default();
        ["prometheus", "grafana", "loki", "jaeger", "promtail", "alertmanager", "cadvisor", "node-exporter"]
            .iter()
            .any(|word| name.contains(word))
    };
    let own: Vec<&str> = drafts.iter().filter(is_watching).map(|draft| draft.name.as_str()).collect();
    let mut decide = vec![
        "Decide retention and volume size for metrics, logs and traces, and which StorageClass holds them.".to_owned(),
        "Decide whether the old data is moved, or the old systems stay readable until it is no longer asked for.".to_owned(),
    ];
    if !own.is_empty() {
        decide.push(format!("The compose files run {}: decide whether the charts take their place, and take them out of kubernetes/base if so.", own.join(", ")));
    }
    let steps = vec![
        manual("retention", "Decide what is kept, and for how long", "", decide, false),
        manual(
            "install",
            "Install metrics, logs and traces",
            "The plan of phase 2 that comes with migrate-tui (plans/phase-2) has these as steps, with values for each environment.",
            vec![
                "Copy week-3/monitoring-namespace to week-3/jaeger with their namespaces/ and helm/ folders into this plan, and leave out what is not wanted.".to_owned(),
                "Let Prometheus scrape what has figures: a policy in network-policy.yml that lets the namespace monitoring in, and a PodMonitor.".to_owned(),
            ],
            false,
        ),
        manual(
            "alerts",
            "Bring dashboards and alerts over",
            "",
            vec![
                "Bring over every alert that has fired in the last year, and one for each HorizontalPodAutoscaler at its maximum, for pods that restart, and for claims that fill up.".to_owned(),
                "Fire a test alert and see it arrive where people look.".to_owned(),
            ],
            true,
        ),
    ];
    stage(
        "week-3",
        "Week 3 Observability",
        "Metrics, logs and traces are read from the cluster before traffic moves there.",
        steps,
    )
}

/// Week 4.
pub(super) fn traffic(desk: &Desk<'_>, drafts: &[Draft<'_>]) -> Map {
    let mut entries = Vec::new();
    for draft in drafts.iter().filter(|draft| draft.kind != Kind::Init) {
        for outside in &draft.ports.outside {
            let (name, port) = (&draft.name, &outside.port);
            entries.push(if outside.is_http {
                format!("A rule of the Ingress leads to the port {port} of the Service {name}.")
            } else {
                format!("{name}, port {}: decide whether anybody outside needs it; if so, a Service of the type LoadBalancer or NodePort, and a policy that lets them in.", outside.number)
            });
        }
    }
    if entries.is_empty() {
        entries.push("Nothing is published by the compose files; see whether something is to be reached from outside after all.".to_owned());
    }
    let mut steps = vec![
        manual("entries", "Write the entries from outside", "", entries, true),
        manual(
            "ingress",
            "Install the ingress controller and certificates",
            "The plan of phase 2 that comes with migrate-tui (plans/phase-2) has these as steps, with gates.",
            vec![
                "Copy week-4/ingress-class to week-4/ingress with their folders into this plan; the policies of kubernetes/base let the namespaces traefik and ingress-nginx in.".to_owned(),
                "Certificates come from the staging service of Let's Encrypt first.".to_owned(),
            ],
            false,
        ),
        manual(
            "parity",
            "Compare the answers of old and new",
            "",
            vec!["Ask ${old_host} and the new entry for every route that matters: the same status, and the same body but for what must differ.".to_owned()],
            true,
        ),
        manual(
            "time-to-live",
            "Lower the DNS record's time to live",
            "A day before the cut-over, or the old value counts.",
            vec!["Set it to 60 seconds for ${host}, and wait for as long as the old value was.".to_owned()],
            false,
        ),
    ];
    if !desk.data.is_empty() {
        steps.push(manual(
            "freeze",
            "Freeze writes",
            "Announced to the users beforehand. From here on the clock runs.",
            vec!["Stop the writers of the old stack; see in each store that nothing is written.".to_owned()],
            true,
        ));
        let mut list: Vec<String> =
            desk.data.iter().map(|(claim, told)| plain(&format!("{told} into the claim {claim}."))).collect();
        list.push("Compare row counts and checksums; write them into the note.".to_owned());
        steps.push(manual("move-data", "Move the data", "", list, true));
    }
    steps.push(manual(
        "dns",
        "Move the DNS record",
        "The way back is the old record, until something has been written here.",
        vec![
            "Start here what must not run twice, and stop it there; then point ${host} to the new entry. Keep ${old_host} on the old stack.".to_owned(),
            "Watch error rate and latency for at least 15 minutes, then lift the freeze.".to_owned(),
        ],
        true,
    ));
    steps.push(manual(
        "stop-old-stack",
        "Stop the old stack",
        "Stopped, not deleted.",
        vec![
            "After a day without requests, `docker compose stop` on the old hosts, and take their containers out of autostart.".to_owned(),
            "Keep volumes and images for 30 days; put the date of deletion into the calendar.".to_owned(),
        ],
        true,
    ));
    stage("week-4", "Week 4 Ingress and TLS", "Traffic moves, then the old stack stops.", steps)
}
