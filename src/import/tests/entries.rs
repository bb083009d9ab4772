use serde_json::{Value, json};

use super::{
    super::{Fate, Imported},
    services,
};

/// Host, path and Service of every rule in an environment, sorted.
fn rules(imported: &Imported, environment: &str) -> Vec<String> {
    let text = imported.text(&format!("ingress/{environment}/ingress.yml"));
    let list: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    let mut found = Vec::new();
    for ingress in list {
        for rule in ingress["spec"]["rules"].as_array().unwrap() {
            for path in rule["http"]["paths"].as_array().unwrap() {
                let service = &path["backend"]["service"];
                found.push(format!(
                    "{}{} {}:{}",
                    rule["host"].as_str().unwrap(),
                    path["path"].as_str().unwrap(),
                    service["name"].as_str().unwrap(),
                    service["port"]["name"].as_str().unwrap()
                ));
            }
        }
    }
    found.sort();
    found
}

fn steps(imported: &Imported, week: usize) -> Vec<String> {
    let plan: Value = serde_saphyr::from_str(imported.text("plan.yaml")).unwrap();
    let steps = plan["stages"][week - 1]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_publishes_http_gets_an_ingress_with_a_host_that_is_asked_for() {
    let imported = services(
        "  web:\n    image: a/web:1\n    ports: ['80:3000']\n  admin:\n    image: a/admin:1\n    ports: ['8081:8080']\n  db:\n    image: postgres:16\n    ports: ['5432:5432']\n",
    );
    assert_eq!(
        rules(&imported, "prod"),
        ["admin.shop.example.com/ admin:http", "shop.example.com/ web:http"]
    );
    assert_eq!(rules(&imported, "dev")[1], "dev.shop.example.com/ web:http");
    assert!(imported.asks("under which host names"));
    let plan = imported.text("plan.yaml");
    assert!(plan.contains("host_admin: staging.admin.shop.example.com"), "{plan}");
    assert!(
        imported.text("issuers/trial-certificate.yml").contains("[shop.example.com, admin.shop.example.com]")
    );
}

#[test]
fn labels_of_traefik_name_hosts_and_paths() {
    let imported = services(
        "  edge:\n    image: traefik:3\n    ports: ['80:80', '443:443', '5432:5432']\n    volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']\n  web:\n    image: a/web:1\n    depends_on: [edge]\n    labels:\n      traefik.http.routers.a.rule: Host(`tea.example.org`)\n      traefik.http.services.a.loadbalancer.server.port: 3000\n      traefik.http.routers.b.rule: HostRegexp(`.+`)\n  api:\n    image: a/api:1\n    expose: ['9000']\n    labels: ['traefik.http.routers.c.rule=Host(`tea.example.org`) && PathPrefix(`/api`)']\n",
    );
    assert_eq!(rules(&imported, "prod"), ["tea.example.org/ web:http", "tea.example.org/api api:http"]);
    let (fate, told) = imported.fate("services.web.labels.\"traefik.http.routers.a.rule\"");
    assert_eq!((fate, told), (Fate::Approximated, "the Ingress of week 4: tea.example.org"));
    let (fate, told) = imported.fate("services.web.labels.\"traefik.http.routers.b.rule\"");
    assert!(fate == Fate::NotMapped && told.contains("HostRegexp"), "{told}");
    assert!(!imported.asks("under which host names"));
    // The proxy itself has no workload, and what no Ingress carries is said.
    assert!(!imported.files.keys().any(|path| path.contains("base/edge")));
    assert_eq!(imported.fate("services.edge.image").0, Fate::Approximated);
    assert_eq!(imported.fate("services.edge.ports[2]").0, Fate::NotMapped);
    assert_eq!(imported.fate("services.web.depends_on.edge").0, Fate::Approximated);
}

#[test]
fn variables_of_nginx_proxy_and_labels_of_caddy_name_hosts() {
    let imported = services(
        "  blog:\n    image: a/blog:1\n    environment: {VIRTUAL_HOST: 'blog.example.org,www.example.org', VIRTUAL_PORT: '2368', LETSENCRYPT_HOST: blog.example.org}\n  wiki:\n    image: a/wiki:1\n    labels:\n      caddy: wiki.example.org\n      caddy.reverse_proxy: '{{upstreams 8080}}'\n      caddy.encode: gzip\n",
    );
    assert_eq!(
        rules(&imported, "prod"),
        ["blog.example.org/ blog:tcp-2368", "wiki.example.org/ wiki:http", "www.example.org/ blog:tcp-2368"]
    );
    assert!(imported.fate("services.blog.environment.VIRTUAL_HOST").1.contains("the Ingress of week 4"));
    assert_eq!(imported.fate("services.wiki.labels.caddy").0, Fate::Approximated);
    assert_eq!(imported.fate("services.wiki.labels.\"caddy.encode\"").0, Fate::NotMapped);
}

#[test]
fn tls_ends_at_the_ingress() {
    let imported = services(
        "  both:\n    image: a/both:1\n    ports: ['80:80', '443:443']\n  only:\n    image: a/only:1\n    ports: ['8443:8443']\n",
    );
    assert_eq!(
        rules(&imported, "prod"),
        ["only.shop.example.com/ only:https", "shop.example.com/ both:http"]
    );
    assert!(imported.asks("its port for HTTP do no more than lead to HTTPS"));
    let text = imported.text("ingress/prod/ingress.yml");
    assert_eq!(text.matches("backend-protocol: HTTPS").count(), 1, "{text}");
}

#[test]
fn without_a_published_http_port_week_4_says_why_there_is_no_ingress() {
    let imported = services("  db:\n    image: postgres:16\n    ports: ['5432:5432']\n");
    assert!(!imported.files.keys().any(|path| path.starts_with("ingress/") || path.starts_with("issuers/")));
    assert_eq!(steps(&imported, 4)[..2], ["entries", "time-to-live"]);
    assert!(imported.text("plan.yaml").contains("No service publishes an HTTP port"));
}

#[test]
fn week_3_installs_charts_with_values_for_each_environment() {
    let imported = services("  web:\n    image: a/web:1\n    ports: ['80:80']\n");
    let charts = ["prometheus", "loki", "alloy", "jaeger"];
    assert_eq!(steps(&imported, 3)[3..7], charts);
    for chart in charts {
        for name in ["values", "dev", "staging", "prod"] {
            let values: Value =
                serde_saphyr::from_str(imported.text(&format!("helm/{chart}/{name}.yaml"))).unwrap();
            assert!(values.is_object(), "{chart} {name}");
        }
    }
    let plan: Value = serde_saphyr::from_str(imported.text("plan.yaml")).unwrap();
    let environment = &plan["stages"][2]["steps"][3]["helm"]["set"]["prometheus"]["prometheusSpec"];
    assert_eq!(*environment, json!({"externalLabels": {"environment": "${environment}"}}));
}

#[test]
fn what_a_middleware_guards_is_not_let_in_without_it() {
    let imported = services(
        "  web:\n    image: a/web:1\n    expose: ['80']\n    labels:\n      traefik.http.routers.open.rule: Host(`tea.example.org`)\n      traefik.http.routers.shut.rule: Host(`admin.example.org`)\n      traefik.http.routers.shut.middlewares: auth@docker\n      traefik.http.middlewares.auth.basicauth.users: 'ops:x'\n  wiki:\n    image: a/wiki:1\n    labels:\n      caddy: wiki.example.org\n      caddy.reverse_proxy: '{{upstreams 8080}}'\n      caddy.basic_auth.ops: x\n",
    );
    assert_eq!(rules(&imported, "prod"), ["tea.example.org/ web:http"]);
    for path in ["services.web.labels.\"traefik.http.routers.shut.rule\"", "services.wiki.labels.caddy"] {
        let (fate, told) = imported.fate(path);
        assert!(fate == Fate::NotMapped && told.starts_with("no Ingress"), "{path}: {told}");
    }
}
