use serde_json::json;

use super::{super::Fate, services};

#[test]
fn command_and_entrypoint_become_args_and_command() {
    let imported = services(
        "  web:\n    image: a/web:1\n    entrypoint: [/bin/run]\n    command: serve --now $$(date)\n",
    );
    let container = imported.container("web-deployment");
    assert_eq!(container["command"], json!(["/bin/run"]));
    assert_eq!(container["args"], json!(["serve", "--now", "$$(date)"]), "Kubernetes would expand $(date)");
    assert_eq!(imported.fate("services.web.command").0, Fate::Mapped);
}

#[test]
fn a_tag_is_the_overlays_and_latest_is_told() {
    let imported =
        services("  a:\n    image: a/one:1.2\n  b:\n    image: a/two\n  c:\n    image: a/three:latest\n");
    assert!(
        imported
            .text("kubernetes/overlays/dev/kustomization.yml")
            .contains("  - name: a/one\n    newTag: \"1.2\"\n")
    );
    assert_eq!(imported.container("a-deployment")["image"], "a/one");
    assert!(imported.asks("which version of a/two"));
    assert_eq!(imported.fate("services.c.image").0, Fate::Approximated);
}

#[test]
fn two_versions_of_one_image_stay_in_the_base() {
    let imported = services("  old:\n    image: postgres:15\n  new:\n    image: postgres:16\n");
    assert_eq!(imported.container("old-deployment")["image"], "postgres:15");
    assert_eq!(imported.container("new-deployment")["image"], "postgres:16");
}

#[test]
fn a_build_is_an_image_of_the_registry() {
    let imported = services("  web:\n    build: ./web\n");
    assert_eq!(imported.container("web-deployment")["image"], "registry.example.com/shop-web");
    assert!(imported.asks("to which registry"));
    assert!(
        imported
            .text("plan.yaml")
            .contains("docker build -t registry.example.com/shop-web:not-built-yet ./web")
    );
    assert_eq!(
        imported.base("service-accounts.yml")[0]["imagePullSecrets"],
        json!([{"name": "registry-pull"}])
    );
}

#[test]
fn resources_are_requests_and_limits() {
    let imported = services(
        "  web:\n    image: a/web:1\n    deploy:\n      resources:\n        limits: {cpus: '0.5', memory: 256M, pids: 100}\n        \
         reservations: {cpus: '0.1', memory: 64M}\n  job:\n    image: a/job:1\n",
    );
    let resources = &imported.container("web-deployment")["resources"];
    assert_eq!(
        *resources,
        json!({"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": "256Mi"}})
    );
    assert_eq!(imported.fate("services.web.deploy.resources.limits.pids").0, Fate::NotMapped);
    assert!(imported.notes("neither a request nor a limit of memory"));
    let dev = imported.text("kubernetes/overlays/dev/patches/resources.yml");
    assert!(dev.contains("requests: {cpu: 50m, memory: 32Mi}"), "{dev}");
}

#[test]
fn replicas_are_an_autoscaler_and_a_budget() {
    let imported =
        services("  web:\n    image: a/web:1\n    deploy: {replicas: 4}\n  one:\n    image: a/one:1\n");
    assert_eq!(imported.base("web-autoscaler.yml")[0]["spec"]["minReplicas"], 4);
    assert_eq!(imported.base("web-disruption-budget.yml")[0]["spec"]["maxUnavailable"], 1);
    assert_eq!(imported.base("web-deployment.yml")[0]["spec"]["replicas"], json!(null));
    assert!(imported.pod("web-deployment")["topologySpreadConstraints"].is_array());
    assert_eq!(imported.base("one-deployment.yml")[0]["spec"]["replicas"], 1);
    assert!(imported.asks("may run twice at a time: one"));
    assert!(imported.text("kubernetes/overlays/dev/patches/autoscaling.yml").contains("minReplicas: 1\n"));
}

#[test]
fn modes_and_restarts_choose_the_kind() {
    let imported = services(
        "  agent:\n    image: a/agent:1\n    deploy: {mode: global}\n  once:\n    image: a/once:1\n    restart: 'no'\n  \
         batch:\n    image: a/batch:1\n    deploy: {mode: replicated-job, replicas: 3}\n  \
         retry:\n    image: a/retry:1\n    restart: on-failure\n",
    );
    assert_eq!(imported.base("agent-daemonset.yml")[0]["kind"], "DaemonSet");
    assert_eq!(imported.base("once-job.yml")[0]["spec"]["backoffLimit"], 0);
    assert_eq!(imported.base("batch-job.yml")[0]["spec"]["completions"], 3);
    assert_eq!(imported.base("retry-deployment.yml")[0]["kind"], "Deployment");
    assert!(imported.asks("does it end by itself"));
}

#[test]
fn what_must_be_over_before_runs_as_an_init_container() {
    let imported = services(
        "  migrate:\n    image: a/web:1\n    command: migrate\n  web:\n    image: a/web:1\n    depends_on:\n      \
         migrate: {condition: service_completed_successfully}\n      db: {condition: service_healthy}\n  db:\n    image: postgres:16\n",
    );
    let init = &imported.pod("web-deployment")["initContainers"];
    assert_eq!((&init[0]["name"], &init[0]["args"]), (&json!("migrate"), &json!(["migrate"])));
    assert!(!imported.files.contains_key("kubernetes/base/migrate-job.yml"));
    assert!(
        imported.fate("services.web.depends_on.migrate.condition").1.contains("must bear to be repeated")
    );
    assert!(imported.fate("services.web.depends_on.db.condition").1.contains("nothing is held back"));
}

#[test]
fn small_keys_of_the_pod() {
    let imported = services(
        "  web:\n    image: a/web:1\n    working_dir: /srv\n    stop_grace_period: 40s\n    stop_signal: SIGQUIT\n    init: true\n    tty: true\n    \
         hostname: node-1\n    platform: linux/arm64\n    extra_hosts: ['ldap:10.0.0.1', 'host.docker.internal:host-gateway']\n    \
         dns: [10.0.0.53]\n    dns_search: [example.org]\n    pull_policy: always\n    logging: {driver: syslog}\n    \
         labels: {org.example.team: a, traefik.enable: 'true'}\n",
    );
    let pod = imported.pod("web-deployment");
    assert_eq!(pod["terminationGracePeriodSeconds"], 40);
    assert_eq!((&pod["hostname"], &pod["shareProcessNamespace"]), (&json!("node-1"), &json!(true)));
    assert_eq!(pod["hostAliases"], json!([{"ip": "10.0.0.1", "hostnames": ["ldap"]}]));
    assert_eq!(pod["dnsConfig"], json!({"nameservers": ["10.0.0.53"], "searches": ["example.org"]}));
    assert_eq!(pod["nodeSelector"], json!({"kubernetes.io/arch": "arm64"}));
    let container = &pod["containers"][0];
    assert_eq!(
        (&container["workingDir"], &container["tty"], &container["imagePullPolicy"]),
        (&json!("/srv"), &json!(true), &json!("Always"))
    );
    let template = &imported.base("web-deployment.yml")[0]["spec"]["template"]["metadata"];
    assert_eq!(template["annotations"], json!({"org.example.team": "a"}));
    assert_eq!(imported.fate("services.web.stop_signal").0, Fate::NotMapped);
    assert!(imported.fate("services.web.logging.driver").1.contains("the node collects"));
    assert!(
        imported
            .fate("services.web.extra_hosts.\"host.docker.internal\"[0]")
            .1
            .contains("no gateway to the host")
    );
}

#[test]
fn gpus_are_limits() {
    let imported = services(
        "  ai:\n    image: a/ai:1\n    deploy:\n      resources:\n        reservations:\n          devices:\n            - {driver: nvidia, count: 2, capabilities: [gpu]}\n",
    );
    assert_eq!(imported.container("ai-deployment")["resources"]["limits"]["nvidia.com/gpu"], "2");
}

#[test]
fn users_and_capabilities_decide_the_level() {
    let level = |text: &str| {
        let imported = services(&format!("  web:\n    image: a/web:1\n{text}"));
        imported.base("namespace.yml")[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"].clone()
    };
    assert_eq!(level("    user: '1000:1000'\n"), "restricted");
    assert_eq!(level("    cap_add: [NET_BIND_SERVICE]\n"), "restricted");
    assert_eq!(level("    user: root\n"), "baseline");
    assert_eq!(level("    cap_add: [CHOWN]\n"), "baseline");
    assert_eq!(level("    cap_add: [NET_ADMIN]\n"), "privileged");
    assert_eq!(level("    privileged: true\n"), "privileged");
    assert_eq!(level("    security_opt: ['seccomp:unconfined']\n"), "privileged");
    let imported = services(
        "  web:\n    image: a/web:1\n    user: '1000:2000'\n    read_only: true\n    group_add: ['44']\n    sysctls: {net.ipv4.tcp_syncookies: 1, net.core.somaxconn: 9}\n",
    );
    let pod = imported.pod("web-deployment");
    let security = &pod["securityContext"];
    assert_eq!(
        (&security["runAsUser"], &security["runAsGroup"], &security["fsGroup"]),
        (&json!(1000), &json!(2000), &json!(2000))
    );
    assert_eq!(
        (&security["supplementalGroups"], &security["sysctls"]),
        (&json!([44]), &json!([{"name": "net.ipv4.tcp_syncookies", "value": "1"}]))
    );
    assert_eq!(pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"], true);
}

#[test]
fn the_user_of_a_known_image_is_its_own() {
    let imported = services("  db:\n    image: postgres:16-alpine\n  web:\n    image: nginx:1.27\n");
    assert_eq!(imported.pod("db-deployment")["securityContext"]["runAsUser"], 70);
    let namespace = imported.text("kubernetes/base/namespace.yml");
    assert!(
        namespace.contains("enforce: baseline")
            && namespace.contains("# - web: the image nginx starts as root"),
        "{namespace}"
    );
}

#[test]
fn a_health_check_is_probes() {
    let imported = services(
        "  web:\n    image: a/web:1\n    expose: ['3000']\n    healthcheck: {test: 'curl -f http://localhost:3000/ok', interval: 5s, start_period: 10s}\n  \
         db:\n    image: postgres:16\n    healthcheck: {test: [CMD, pg_isready]}\n  off:\n    image: a/off:1\n    healthcheck: {disable: true}\n  \
         plain:\n    image: a/plain:1\n    expose: ['80']\n",
    );
    let container = imported.container("web-deployment");
    assert_eq!(container["readinessProbe"]["httpGet"], json!({"path": "/ok", "port": "http"}));
    assert!(container["startupProbe"].is_object() && container["livenessProbe"].is_object());
    assert_eq!(
        imported.container("db-deployment")["livenessProbe"]["exec"]["command"],
        json!(["pg_isready"])
    );
    assert_eq!(imported.container("off-deployment")["readinessProbe"], json!(null));
    assert_eq!(
        imported.container("plain-deployment")["readinessProbe"]["tcpSocket"],
        json!({"port": "http"})
    );
}

#[test]
fn a_dockerfile_in_the_compose_file_becomes_a_file() {
    let imported = services(
        "  web:\n    build:\n      context: ./web\n      target: run\n      platforms: [linux/arm64]\n      args: {VERSION: '1', NPM_TOKEN: hunter2}\n      dockerfile_inline: |\n        FROM node:22 AS run\n        COPY . /app\n  bad:\n    build:\n      dockerfile_inline: |\n        FROM node:22\n        ENV API_TOKEN=hunter2hunter2\n",
    );
    assert_eq!(imported.text("docker/web.Dockerfile"), "FROM node:22 AS run\nCOPY . /app\n");
    assert_eq!(imported.fate("services.web.build.dockerfile_inline").0, Fate::Mapped);
    let build = &imported.pipeline.builds["registry.example.com/shop-web"];
    assert_eq!(build.dockerfile.as_deref(), Some("/docker/web.Dockerfile"));
    let plan = imported.text("plan.yaml");
    assert!(plan.contains("docker build -f docker/web.Dockerfile --target run --platform linux/arm64 --build-arg NPM_TOKEN --build-arg VERSION -t registry.example.com/shop-web:not-built-yet ./web"), "{plan}");
    assert!(!imported.files.contains_key("docker/bad.Dockerfile"));
    assert_eq!(imported.fate("services.bad.build.dockerfile_inline").0, Fate::NotMapped);
    assert!(!imported.files.values().any(|text| text.contains("hunter2")));
}
