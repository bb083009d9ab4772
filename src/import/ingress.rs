//! Files of week 4: the class, an Ingress for each entry, the issuers of its certificates.

use std::collections::BTreeMap;

use super::{
    desk::Desk,
    entries::{Entries, Entry},
    names,
    overlay::{self, ENVIRONMENTS},
    yaml::{self, Map, Yaml, row, text, texts},
};

/// The certificate that the production issuer waits for.
pub(super) const TRIAL: &str = "web-trial";

/// Let's Encrypt takes no more names in one certificate.
pub(super) const MOST_NAMES: usize = 100;

/// Every file, by its path beside the plan.
pub(super) fn files(desk: &Desk<'_>, entries: &Entries) -> BTreeMap<String, String> {
    let project = names::fit(&desk.project.name);
    let mut files = BTreeMap::from([
        ("ingress/class.yml".to_owned(), class(&project)),
        ("issuers/staging.yml".to_owned(), issuer(&project, true)),
        ("issuers/production.yml".to_owned(), issuer(&project, false)),
        ("issuers/trial-certificate.yml".to_owned(), trial(desk, entries, &project)),
        (
            "namespaces/traefik.yml".to_owned(),
            namespace(
                &project,
                "traefik",
                "restricted",
                "Traefik binds ports above 1024, as nobody in particular.",
            ),
        ),
        (
            "namespaces/cert-manager.yml".to_owned(),
            namespace(&project, "cert-manager", "restricted", "Nothing in it needs more."),
        ),
    ]);
    for environment in ENVIRONMENTS {
        let list: Vec<String> =
            entries.list.iter().map(|entry| ingress(desk, entries, entry, environment, &project)).collect();
        files.insert(format!("ingress/{environment}/ingress.yml"), yaml::documents(&list));
    }
    files
}

/// A namespace that a chart is installed in.
pub(super) fn namespace(project: &str, name: &str, level: &str, comment: &str) -> String {
    let labels = Map::new()
        .with("app.kubernetes.io/part-of", project)
        .with("pod-security.kubernetes.io/enforce", level)
        .with("pod-security.kubernetes.io/enforce-version", "latest");
    let map = Map::new()
        .with("apiVersion", "v1")
        .with("kind", "Namespace")
        .with("metadata", Map::new().with("name", name).with("labels", labels));
    yaml::document(comment, &map)
}

fn part_of(project: &str) -> Map {
    Map::new().with("app.kubernetes.io/part-of", project)
}

fn class(project: &str) -> String {
    let map = Map::new()
        .with("apiVersion", "networking.k8s.io/v1")
        .with("kind", "IngressClass")
        .with("metadata", Map::new().with("name", "nginx").with("labels", part_of(project)))
        .with("spec", Map::new().with("controller", text("k8s.io/ingress-nginx")));
    yaml::document(
        "The class that every Ingress here names. Traefik reads it by this controller's name, with nginx' annotations, and does not make it by itself.",
        &map,
    )
}

fn issuer(project: &str, is_staging: bool) -> String {
    let (name, server, comment) = if is_staging {
        (
            "letsencrypt-staging",
            "https://acme-staging-v02.api.letsencrypt.org/directory",
            "Nobody trusts what it issues, and its limits are wide: mistakes are made here.",
        )
    } else {
        (
            "letsencrypt-production",
            "https://acme-v02.api.letsencrypt.org/directory",
            "Its limits on duplicate certificates are narrow: used once the staging issuer has issued.",
        )
    };
    let solver =
        Map::new().with("http01", Map::new().with("ingress", Map::new().with("ingressClassName", "nginx")));
    let acme = Map::new()
        .with("server", text(server))
        .note("Made by cert-manager in its own namespace. No email: Let's Encrypt has sent no expiry mails since 2025.")
        .with("privateKeySecretRef", Map::new().with("name", format!("{name}-account")))
        .with("solvers", vec![solver]);
    let map = Map::new()
        .with("apiVersion", "cert-manager.io/v1")
        .with("kind", "ClusterIssuer")
        .with("metadata", Map::new().with("name", name).with("labels", part_of(project)))
        .with("spec", Map::new().with("acme", acme));
    yaml::document(comment, &map)
}

fn trial(desk: &Desk<'_>, entries: &Entries, project: &str) -> String {
    let hosts: Vec<String> = entries.hosts.values().take(MOST_NAMES).cloned().collect();
    let issuer = row([
        ("group", text("cert-manager.io")),
        ("kind", text("ClusterIssuer")),
        ("name", text("letsencrypt-staging")),
    ]);
    let metadata = Map::new()
        .with("name", TRIAL)
        .with("namespace", overlay::namespace_of(desk, "prod"))
        .with("labels", part_of(project));
    let spec = Map::new()
        .with("secretName", format!("{TRIAL}-tls"))
        .with("dnsNames", texts(hosts))
        .with("issuerRef", issuer);
    let map = Map::new()
        .with("apiVersion", "cert-manager.io/v1")
        .with("kind", "Certificate")
        .with("metadata", metadata)
        .with("spec", spec);
    yaml::document(
        "One certificate of the staging issuer for the hosts of production, before the production issuer is asked.",
        &map,
    )
}

fn ingress(desk: &Desk<'_>, entries: &Entries, entry: &Entry, environment: &str, project: &str) -> String {
    let issuer = if environment == "prod" { "letsencrypt-production" } else { "letsencrypt-staging" };
    let mut annotations = Map::new().with("cert-manager.io/cluster-issuer", issuer);
    if entry.is_https {
        annotations.put("nginx.ingress.kubernetes.io/backend-protocol", "HTTPS");
    }
    let labels = Map::new()
        .with("app.kubernetes.io/name", &entry.service)
        .with("app.kubernetes.io/instance", environment)
        .with("app.kubernetes.io/part-of", project);
    let metadata = Map::new()
        .with("name", &entry.name)
        .with("namespace", overlay::namespace_of(desk, environment))
        .with("labels", labels)
        .with("annotations", annotations);
    let backend = Map::new().with("name", &entry.service).with("port", row([("name", text(&entry.port))]));
    let rule = |variable: &&str| {
        let paths: Vec<Map> = entry
            .paths
            .iter()
            .filter(|path| path.variable == **variable)
            .map(|path| {
                Map::new()
                    .with("path", text(&path.path))
                    .with("pathType", if path.is_exact { "Exact" } else { "Prefix" })
                    .with("backend", Map::new().with("service", backend.clone()))
            })
            .collect();
        Map::new()
            .with("host", text(entries.host(variable, environment)))
            .with("http", Map::new().with("paths", paths))
    };
    let variables = entry.variables();
    let hosts: Vec<String> = variables.iter().map(|variable| entries.host(variable, environment)).collect();
    let tls = Map::new().with("hosts", texts(hosts)).with("secretName", entry.certificate());
    let spec = Map::new()
        .with("ingressClassName", "nginx")
        .with("tls", vec![tls])
        .with("rules", variables.iter().map(rule).map(Yaml::Map).collect::<Vec<_>>());
    let map = Map::new()
        .with("apiVersion", "networking.k8s.io/v1")
        .with("kind", "Ingress")
        .with("metadata", metadata)
        .with("spec", spec);
    yaml::document(
        "The certificate comes from cert-manager; until it is issued the controller answers with its own. The hosts are in the plan's variables too, which its gates go by.",
        &map,
    )
}
