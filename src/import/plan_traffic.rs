//! Week 4 of the plan: the entries from outside, their certificates, and the cut-over.

use super::{
    charts::{CERT_MANAGER, TRAEFIK, condition, established},
    desk::Desk,
    draft::Draft,
    entries::{Entries, Entry, HOST},
    ingress::{MOST_NAMES, TRIAL},
    plan::{head, manual, plain, stage},
    plan_watch::namespace,
    shape::Kind,
    yaml::{Map, Yaml, row, text, texts},
};

/// The whole week.
pub(super) fn traffic(desk: &Desk<'_>, drafts: &[Draft<'_>], entries: &Entries) -> Map {
    let mut steps = vec![outside(drafts, entries)];
    if !entries.list.is_empty() {
        steps.extend(controller());
        steps.extend(certificates(entries));
        steps.extend(ingresses(entries));
    }
    steps.extend(cut_over(desk, entries));
    stage("week-4", "Week 4 Ingress and TLS", "Traffic moves, then the old stack stops.", steps)
}

/// A host as the plan has it.
fn host(variable: &str) -> String {
    format!("${{{variable}}}")
}

fn hosts(entries: &Entries) -> String {
    let hosts: Vec<String> = entries.hosts.keys().map(|variable| host(variable)).collect();
    if hosts.is_empty() { host(HOST) } else { hosts.join(", ") }
}

/// What is reached from outside, and by what.
fn outside(drafts: &[Draft<'_>], entries: &Entries) -> Map {
    let mut list = Vec::new();
    for entry in &entries.list {
        let asked: Vec<String> =
            entry.paths.iter().map(|path| format!("{}{}", host(&path.variable), plain(&path.path))).collect();
        list.push(format!(
            "{} leads to the port {} of the Service {}. Is it meant for everybody?",
            asked.join(", "),
            entry.port,
            entry.service
        ));
    }
    for draft in drafts.iter().filter(|draft| draft.kind != Kind::Init) {
        for outside in draft.ports.outside.iter().filter(|outside| !outside.is_http) {
            list.push(format!("{}, port {}: decide whether anybody outside needs it; if so, a Service of the type LoadBalancer or NodePort, and a policy that lets them in.", draft.name, outside.number));
        }
    }
    if entries.list.is_empty() {
        list.insert(0, "No service publishes an HTTP port: there is no Ingress, no controller and no certificate in this week. See whether something is to be reached from outside after all; publish its port in the compose file then, and run init again.".to_owned());
    } else {
        list.push("The hosts are in the variables of plan.yaml and in ingress/*/ingress.yml: write your own in both, and in issuers/trial-certificate.yml.".to_owned());
    }
    manual("entries", "Decide what is reached from outside", "", list, true)
}

fn manifests(id: &str, title: &str, description: &str, path: &str) -> Map {
    head(id, title, description).with("manifests", Map::new().with("paths", vec![text(path)]))
}

fn controller() -> Vec<Map> {
    vec![
        manifests(
            "ingress-class",
            "Create the IngressClass nginx",
            "Skip it where the cluster has the class already.",
            "ingress/class.yml",
        )
        .with("deadline", "1m"),
        namespace(
            "traefik",
            "One of the two that network-policy.yml lets through to what is published.",
        ),
        TRAEFIK.step(
            "ingress-controller",
            "Install the ingress controller",
            "Traefik reads Ingresses of the class nginx with their annotations. Skip it where the cluster has a controller for that class.",
            vec![TRAEFIK.rollout("Deployment", "traefik")],
        ),
    ]
}

fn issuer_is_ready(name: &str) -> Map {
    condition(("cert-manager.io/v1", "ClusterIssuer"), name, "Ready")
}

fn certificate(name: &str) -> Map {
    Map::new().with("certificate", name)
}

/// The certificate of the staging issuer: one for other hosts, or by another issuer, opens nothing.
fn trial(entries: &Entries) -> Map {
    let hosts = entries.hosts.keys().take(MOST_NAMES).map(|variable| host(variable));
    let wanted = Map::new()
        .with("name", TRIAL)
        .with("hosts", texts(hosts))
        .with("issuer", "ClusterIssuer/letsencrypt-staging");
    Map::new().with("certificate", wanted)
}

fn certificates(entries: &Entries) -> Vec<Map> {
    let chart = CERT_MANAGER;
    vec![
        namespace("cert-manager", ""),
        chart.step(
            "cert-manager",
            "Install cert-manager",
            "",
            vec![
                established("clusterissuers.cert-manager.io"),
                established("certificates.cert-manager.io"),
                chart.rollout("Deployment", "cert-manager"),
                chart.rollout("Deployment", "cert-manager-cainjector"),
                chart.rollout("Deployment", "cert-manager-webhook"),
            ],
        ),
        manifests(
            "issuer-staging",
            "Create the staging issuer",
            "Let's Encrypt limits duplicate certificates; mistakes are made against its staging service.",
            "issuers/staging.yml",
        )
        .with("deadline", "2m")
        .with("gates", vec![issuer_is_ready("letsencrypt-staging")]),
        manifests(
            "trial-certificate",
            "Let the staging issuer issue for the hosts",
            "HTTP-01 needs each host to reach the new controller on port 80. Until the DNS record moves, let the old stack pass /.well-known/acme-challenge/ on to it, or use a DNS-01 solver.",
            "issuers/trial-certificate.yml",
        )
        .with("only_in", texts(["prod"]))
        .with("deadline", "10m")
        .with("gates", vec![trial(entries)]),
        manifests(
            "issuer-production",
            "Create the production issuer",
            "Locked until the staging issuer has issued the trial certificate. Certificates get shorter (64 days in February 2027, 45 in 2028) and no expiry mails are sent; the alert of week 3 is what tells you.",
            "issuers/production.yml",
        )
        .with("only_in", texts(["prod"]))
        .with("requires", vec![trial(entries)])
        .with("deadline", "2m")
        .with("gates", vec![issuer_is_ready("letsencrypt-production")]),
    ]
}

fn ingresses(entries: &Entries) -> Vec<Map> {
    let addresses = entries.list.iter().map(|entry| Map::new().with("ingress_address", &entry.name));
    let issued = entries.list.iter().map(|entry| certificate(&entry.certificate()));
    let many = if entries.list.len() == 1 { "Create the Ingress" } else { "Create the Ingresses" };
    let seen = manual(
        "certificate",
        "See the certificates issued",
        "",
        vec![
            "HTTP-01 needs each host to reach the new controller on port 80. Before the DNS record moves, let the old stack pass /.well-known/acme-challenge/ on, or use a DNS-01 solver.".to_owned(),
            "If one is not Ready, `kubectl -n ${namespace} describe challenge` says why.".to_owned(),
        ],
        false,
    );
    let compared = manual(
        "parity",
        "Compare the answers of old and new",
        "The gates ask both for the same, whatever DNS says; this can be ticked only when they agree.",
        vec![
            "Write every route that matters into the gates' paths; those of the compose files are a start.".to_owned(),
            "Try what the gates do not, by hand; uploads, websockets, long requests, a login, and an unknown host name.".to_owned(),
        ],
        true,
    );
    vec![
        manifests("ingress", many, "No traffic comes until the DNS record moves.", "ingress/${environment}")
            .with("deadline", "10m")
            .with("gates", addresses.collect::<Vec<_>>()),
        seen.with("gates", issued.collect::<Vec<_>>()),
        compared.with("gates", entries.list.iter().map(parity).collect::<Vec<_>>()),
    ]
}

fn entry_of(entry: &Entry) -> Yaml {
    text(format!("ingress/{}", entry.name))
}

fn parity(entry: &Entry) -> Map {
    let hosts = entry.variables().into_iter().map(host);
    let mut paths: Vec<String> = entry.paths.iter().map(|path| plain(&path.path)).collect();
    paths.sort();
    paths.dedup();
    let parity = Map::new()
        .with("hosts", texts(hosts))
        .with("paths", texts(paths))
        .with("old", text("${old_host}"))
        .with("new", entry_of(entry));
    Map::new().with("parity", parity)
}

fn cut_over(desk: &Desk<'_>, entries: &Entries) -> Vec<Map> {
    let hosts = hosts(entries);
    let mut steps = vec![
        manual(
            "time-to-live",
            "Lower the DNS records' time to live",
            "A day before the cut-over, or the old value counts.",
            vec![format!("Set it to 60 seconds for {hosts}, and wait for as long as the old value was.")],
            false,
        ),
        manual(
            "freeze",
            "Freeze writes",
            "Announced to the users beforehand. From here on the clock runs.",
            vec![
                "Stop the writers of the old stack, or put it into read-only mode; see in each store that nothing is written.".to_owned(),
                "Stop the cron jobs and consumers of the list from week 1 on the old hosts, and let queues run empty.".to_owned(),
            ],
            true,
        ),
    ];
    if !desk.data.is_empty() {
        let mut list: Vec<String> =
            desk.data.iter().map(|(claim, told)| plain(&format!("{told} into the claim {claim}."))).collect();
        list.push("Compare row counts and checksums; write them into the note.".to_owned());
        steps.push(manual("move-data", "Move the data", "", list, true));
    }
    steps.push(manual(
        "switch-jobs",
        "Start jobs and consumers here",
        "Off there first, then on here, one after the other.",
        vec!["For each entry of the list from week 1, see that it is off on the old hosts, then switch it on in ${namespace}.".to_owned()],
        false,
    ));
    let moved = manual(
        "dns",
        "Move the DNS records",
        "The way back until the freeze is lifted is the old record; afterwards data would have to be moved back too.",
        vec![
            format!("Point {hosts} to the new entry. Keep ${{old_host}} on the old stack."),
            "Watch error rate and latency for at least 15 minutes before going on.".to_owned(),
        ],
        true,
    );
    steps.push(moved.with_some("gates", Some(dns(entries))));
    steps.push(manual(
        "unfreeze",
        "Lift the write freeze",
        "",
        vec!["Write once through the new entry and read it back, then tell the users.".to_owned()],
        false,
    ));
    steps.push(manual(
        "stop-old-stack",
        "Stop the old stack",
        "Stopped, not deleted.",
        vec![
            "After a day without requests in its access log, `docker compose stop` (or `podman-compose stop`) on the old hosts, and take their containers out of autostart.".to_owned(),
            "Keep volumes and images for 30 days; put the date of deletion into the calendar.".to_owned(),
            "Raise the DNS records' time to live again, and revoke tokens and keys that only the old hosts used.".to_owned(),
        ],
        true,
    ));
    steps
}

fn dns(entries: &Entries) -> Vec<Map> {
    let of = |entry: &Entry| {
        let to = entry_of(entry);
        let gate = |variable: &str| {
            Map::new().with("dns", row([("host", text(host(variable))), ("to", to.clone())]))
        };
        entry.variables().into_iter().map(gate).collect::<Vec<_>>()
    };
    entries.list.iter().flat_map(of).collect()
}
