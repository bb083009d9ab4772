use serde_json::json;

use super::{super::Imported, services, with_files};

#[track_caller]
fn assert_unwritten(imported: &Imported, secret: &str) {
    for (path, text) in &imported.files {
        assert!(!text.contains(secret), "{path}:\n{text}");
    }
    assert!(!super::super::report_text(imported).contains(secret));
    assert!(!format!("{:?}", imported.questions).contains(secret));
}

#[test]
fn a_secret_variable_comes_from_a_secret_that_is_made_by_hand() {
    let imported = services(
        "  web:\n    image: a/web:1\n    environment: {API_KEY: hunter2hunter2, LEVEL: info, URL: 'postgres://a:hunter2hunter2@db/x', COPY: 'x-hunter2hunter2', AWS_ACCESS_KEY_ID: AK}\n",
    );
    assert_unwritten(&imported, "hunter2");
    let container = imported.container("web-deployment");
    assert_eq!(container["envFrom"], json!([{"configMapRef": {"name": "web-config"}}]));
    assert_eq!(
        container["env"][0],
        json!({"name": "API_KEY", "valueFrom": {"secretKeyRef": {"name": "web-secrets", "key": "API_KEY"}}})
    );
    assert_eq!(
        imported.base("web-config.yml")[0]["data"],
        json!({"LEVEL": "info", "AWS_ACCESS_KEY_ID": "AK"})
    );
    let plan = imported.text("plan.yaml");
    assert!(
        plan.contains("create secret generic web-secrets --from-env-file=FILE")
            && plan.contains("API_KEY (as in compose.yaml:4)"),
        "{plan}"
    );
}

#[test]
fn a_secret_on_a_command_line_is_put_there_by_the_kubelet() {
    let imported = services(
        "  cache:\n    image: redis:7\n    command: redis-server --requirepass hunter2hunter2\n    environment: {REDIS_PASSWORD: hunter2hunter2}\n    \
         healthcheck: {test: [CMD, redis-cli, -a, hunter2hunter2, ping]}\n",
    );
    assert_unwritten(&imported, "hunter2");
    let container = imported.container("cache-deployment");
    assert_eq!(container["args"], json!(["redis-server", "--requirepass", "$(REDIS_PASSWORD)"]));
    assert_eq!(
        container["livenessProbe"]["exec"]["command"],
        json!(["sh", "-c", "redis-cli -a \"${REDIS_PASSWORD}\" ping"])
    );
}

#[test]
fn an_env_file_is_told_variable_by_variable() {
    let imported = with_files(
        "services:\n  web:\n    image: a/web:1\n    env_file: web.env\n",
        &[("web.env", "LEVEL=info\nSESSION_SECRET=hunter2hunter2\n")],
    );
    assert_unwritten(&imported, "hunter2");
    assert_eq!(imported.fate("services.web.env_file[0].LEVEL").1, "the ConfigMap web-config");
    assert!(imported.fate("services.web.env_file[0].SESSION_SECRET").1.contains("the Secret web-secrets"));
}

#[test]
fn files_with_secrets_are_made_by_hand() {
    let imported = with_files(
        "services:\n  web:\n    image: a/web:1\n    secrets: [db_password, {source: key, target: /etc/tls/key.pem}]\n    volumes: ['./app.ini:/app.ini:ro']\n\
         secrets:\n  db_password: {file: ./db.txt}\n  key: {environment: TLS_KEY}\n",
        &[("db.txt", "hunter2hunter2"), ("app.ini", "[db]\npassword = hunter2hunter2\n")],
    );
    assert_unwritten(&imported, "hunter2");
    let pod = imported.pod("web-deployment");
    let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap().clone();
    let targets: Vec<&str> = mounts.iter().map(|mount| mount["mountPath"].as_str().unwrap()).collect();
    assert_eq!(targets, ["/app.ini", "/etc/tls/key.pem", "/run/secrets"]);
    let plan = imported.text("plan.yaml");
    assert!(plan.contains("create secret generic db-password --from-file=db_password=FILE"), "{plan}");
    assert!(plan.contains("create secret generic web-files-secret --from-file=app.ini=FILE"), "{plan}");
}

#[test]
fn a_secret_that_cannot_be_found_in_a_command_keeps_it_from_being_written() {
    let imported = with_files(
        "services:\n  web:\n    image: a/web:1\n    command: mc alias set s3 http://s3 user ${S3_PASSWORD}\n",
        &[(".env", "S3_PASSWORD=hunter2hunter2\n")],
    );
    assert_unwritten(&imported, "hunter2");
    assert_eq!(imported.container("web-deployment")["args"], json!(null));
    assert!(imported.asks("services.web.command get S3_PASSWORD"));
}
