use serde_json::{Value, json};

use super::{super::Fate, services, with_files};

fn mount(container: &Value, target: &str) -> Value {
    let mounts = container["volumeMounts"].as_array().cloned().unwrap_or_default();
    mounts.into_iter().find(|mount| mount["mountPath"] == target).unwrap_or_default()
}

#[test]
fn a_volume_of_one_service_is_a_claim_of_a_stateful_set() {
    let imported = with_files(
        "services:\n  db:\n    image: postgres:16\n    volumes: ['db_data:/var/lib/postgresql/data']\nvolumes:\n  db_data:\n",
        &[],
    );
    let set = &imported.base("db-statefulset.yml")[0]["spec"];
    assert_eq!(set["volumeClaimTemplates"][0]["metadata"]["name"], "db-data");
    assert_eq!(
        mount(&set["template"]["spec"]["containers"][0], "/var/lib/postgresql/data")["subPath"],
        "data"
    );
    assert_eq!(imported.base("db-service.yml")[0]["spec"]["clusterIP"], "None");
    assert_eq!(imported.fate("volumes.db_data").0, Fate::Mapped);
    assert!(imported.text("plan.yaml").contains("the volume db_data into the claim db-data-db-0"));
}

#[test]
fn a_volume_of_several_services_is_a_claim_that_several_mount() {
    let imported = with_files(
        "services:\n  web:\n    image: a/web:1\n    volumes: ['up:/up']\n  cron:\n    image: a/cron:1\n    volumes: ['up:/up:ro']\nvolumes:\n  up:\n",
        &[],
    );
    assert_eq!(imported.base("claims.yml")[0]["spec"]["accessModes"], json!(["ReadWriteMany"]));
    assert_eq!(imported.pod("web-deployment")["volumes"][0]["persistentVolumeClaim"]["claimName"], "up");
    assert_eq!(mount(&imported.container("cron-deployment"), "/up")["readOnly"], true);
    assert!(imported.asks("ReadWriteMany"));
}

#[test]
fn a_file_of_the_project_is_a_config_map_with_a_copy() {
    let imported = with_files(
        "services:\n  web:\n    image: nginx:1.27\n    volumes: ['./conf/nginx.conf:/etc/nginx/nginx.conf:ro', './run.sh:/run.sh']\n",
        &[("conf/nginx.conf", "events {}\n"), ("run.sh", "#!/bin/sh\n")],
    );
    assert_eq!(imported.text("kubernetes/base/files/web-files/nginx.conf"), "events {}\n");
    let kustomization = imported.text("kubernetes/base/kustomization.yml");
    assert!(kustomization.contains("- nginx.conf=files/web-files/nginx.conf"), "{kustomization}");
    assert_eq!(
        mount(&imported.container("web-deployment"), "/etc/nginx/nginx.conf"),
        json!({"name": "web-files", "mountPath": "/etc/nginx/nginx.conf", "subPath": "nginx.conf", "readOnly": true})
    );
    assert_eq!(imported.pod("web-deployment")["volumes"][0]["configMap"]["defaultMode"], 0o555);
    assert_eq!(imported.fate("services.web.volumes[1]").0, Fate::Approximated, "it was writable");
}

#[test]
fn paths_of_the_host_are_taken_for_what_they_are() {
    let imported = with_files(
        "services:\n  web:\n    build: .\n    volumes: ['./src:/app/src', '/var/run/docker.sock:/var/run/docker.sock', '/srv/letters:/letters:ro', './uploads:/app/uploads']\n  \
         db:\n    image: mysql:8\n    volumes: ['./mysql:/var/lib/mysql', './init:/docker-entrypoint-initdb.d:ro']\n",
        &[("src/main.py", "x"), ("init/a.sql", "x"), ("Dockerfile", "FROM scratch")],
    );
    assert!(imported.fate("services.web.volumes[0]").1.contains("for developing"));
    assert!(imported.fate("services.web.volumes[1]").1.contains("Kubernetes API"));
    assert!(imported.asks("what is in /srv/letters of the host"));
    assert!(imported.fate("services.db.volumes[1]").1.contains("base/files/db-init"));
    assert_eq!(
        imported.base("db-statefulset.yml")[0]["spec"]["volumeClaimTemplates"][0]["metadata"]["name"],
        "mysql-host"
    );
    assert_eq!(
        imported.base("web-statefulset.yml")[0]["spec"]["volumeClaimTemplates"][0]["metadata"]["name"],
        "uploads-host"
    );
}

#[test]
fn memory_is_an_empty_dir() {
    let imported = services(
        "  web:\n    image: a/web:1\n    tmpfs: [/run]\n    shm_size: 256m\n    volumes: [{type: tmpfs, target: /cache, tmpfs: {size: 64m}}, /scratch]\n",
    );
    let volumes = imported.pod("web-deployment")["volumes"].clone();
    assert!(
        volumes
            .as_array()
            .unwrap()
            .contains(&json!({"name": "dev-shm", "emptyDir": {"medium": "Memory", "sizeLimit": "256Mi"}})),
        "{volumes}"
    );
    assert!(
        volumes
            .as_array()
            .unwrap()
            .contains(&json!({"name": "cache", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}})),
        "{volumes}"
    );
    assert!(volumes.as_array().unwrap().contains(&json!({"name": "scratch", "emptyDir": {}})), "{volumes}");
}

#[test]
fn configs_are_config_maps() {
    let imported = with_files(
        "services:\n  web:\n    image: a/web:1\n    configs: [site, {source: inline, target: /etc/inline.conf, mode: 0440}, far]\n\
         configs:\n  site: {file: ./site.conf}\n  inline: {content: 'a = 1'}\n  far: {external: true}\n",
        &[("site.conf", "x = 1\n")],
    );
    assert_eq!(imported.text("kubernetes/base/files/site-file/site.conf"), "x = 1\n");
    let container = imported.container("web-deployment");
    assert_eq!(mount(&container, "/site")["subPath"], "site.conf");
    assert_eq!(mount(&container, "/etc/inline.conf")["name"], "inline-file");
    assert!(imported.text("plan.yaml").contains("create configmap far-file --from-file=far=FILE"));
}

#[test]
fn a_folder_of_texts_is_a_config_map() {
    let imported = with_files(
        "services:\n  web:\n    image: nginx:1.27\n    volumes: ['./conf.d:/etc/nginx/conf.d', './site:/usr/share/nginx/html:ro']\n",
        &[
            ("conf.d/a.conf", "a 1;\n"),
            ("conf.d/b.conf", "b 2;\n"),
            ("site/index.html", "x"),
            ("site/css/a.css", "y"),
        ],
    );
    let kustomization = imported.text("kubernetes/base/kustomization.yml");
    assert!(kustomization.contains("- a.conf=files/web-conf-d/a.conf"), "{kustomization}");
    assert_eq!(imported.text("kubernetes/base/files/web-conf-d/b.conf"), "b 2;\n");
    let pod = imported.pod("web-deployment");
    assert!(
        pod["volumes"]
            .as_array()
            .unwrap()
            .contains(&json!({"name": "web-conf-d", "configMap": {"name": "web-conf-d"}}))
    );
    assert_eq!(
        mount(&pod["containers"][0], "/etc/nginx/conf.d"),
        json!({"name": "web-conf-d", "mountPath": "/etc/nginx/conf.d", "readOnly": true})
    );
    // A folder in it stays one.
    let site = json!({"name": "web-site", "configMap": {"name": "web-site", "items": [
        {"key": "css.a.css", "path": "css/a.css"}, {"key": "index.html", "path": "index.html"}]}});
    assert!(pod["volumes"].as_array().unwrap().contains(&site), "{}", pod["volumes"]);
    assert_eq!(imported.fate("services.web.volumes[0]").0, Fate::Approximated, "it was writable");
    assert_eq!(imported.fate("services.web.volumes[1]").0, Fate::Mapped);
}

#[test]
fn what_looks_secret_in_a_folder_is_not_copied() {
    let imported = with_files(
        "services:\n  web:\n    image: nginx:1.27\n    environment: {DB_PASSWORD: hunter2secret}\n    volumes: ['./conf.d:/etc/nginx/conf.d:ro']\n",
        &[
            ("conf.d/a.conf", "a 1;\n"),
            ("conf.d/.htpasswd", "u:x"),
            ("conf.d/tls.key", "k"),
            ("conf.d/db.conf", "dsn x:hunter2secret\n"),
        ],
    );
    let copied: Vec<&String> = imported.files.keys().filter(|path| path.contains("/files/")).collect();
    assert_eq!(copied, ["kubernetes/base/files/web-conf-d/a.conf"]);
    let volumes = imported.pod("web-deployment")["volumes"].clone();
    let sources = &volumes[0]["projected"]["sources"];
    assert_eq!(sources[0]["configMap"]["name"], "web-conf-d");
    assert_eq!(sources[1]["secret"], json!({"name": "web-conf-d-secret"}));
    let plan = imported.text("plan.yaml");
    for key in [".htpasswd", "db.conf", "tls.key"] {
        assert!(plan.contains(&format!("--from-file={key}=FILE")), "{plan}");
    }
    assert!(!imported.files.values().any(|text| text.contains("hunter2")));
}

#[test]
fn a_folder_that_is_too_much_or_written_to_is_a_claim_to_be_filled() {
    let large = "x".repeat(300_000);
    let imported = with_files(
        "services:\n  web:\n    image: nginx:1.27\n    volumes: ['./media2:/usr/share/nginx/html:ro']\n  home:\n    image: a/home:1\n    volumes: ['./config:/config']\n",
        &[
            ("media2/a", &large),
            ("media2/b", &large),
            ("media2/c", &large),
            ("media2/d", &large),
            ("config/a.yaml", "x: 1\n"),
        ],
    );
    assert!(imported.asks("kubectl -n shop-dev cp ./media2/. POD:/usr/share/nginx/html"));
    assert!(imported.asks("does ./config come along"));
    assert_eq!(
        mount(&imported.container("web-statefulset"), "/usr/share/nginx/html")["readOnly"],
        Value::Null
    );
    assert!(!imported.files.keys().any(|path| path.contains("/files/")));
}
