//! What every compose file of `tests/compose` becomes: every key told once, no secret written, a plan and manifests
//! that are right.

use std::{fmt::Write as _, path::Path};

use migrate_tui::{
    import::{Imported, Options, import, report_text},
    render::{Renderer, check, load},
};

use crate::fixtures::{self, written};

/// Values that are secret begin with it.
const CANARY: &str = "canary-7f3a-";

fn imported(name: &str) -> Imported {
    import(&fixtures::project(name), &Options::default())
        .unwrap_or_else(|problems| panic!("{name}: {problems:#?}"))
}

#[test]
fn every_key_is_told_once() {
    for name in fixtures::names() {
        let project = fixtures::project(&name);
        let imported = imported(&name);
        let told: Vec<_> = imported.gaps.keys.iter().map(|gap| (&gap.path, &gap.origin)).collect();
        let keys: Vec<_> = project.keys.iter().map(|key| (&key.path, &key.origin)).collect();
        assert_eq!(told, keys, "{name}");
        assert!(imported.gaps.keys.iter().all(|gap| !gap.text.is_empty()), "{name}");
        let report = &imported.files["MIGRATION.md"];
        let rows = report.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, keys.len(), "{name}");
        let text = report_text(&imported);
        for gap in &imported.gaps.keys {
            assert!(text.contains(gap.path.as_str()), "{name}: {}", gap.path);
        }
    }
}

#[test]
fn no_secret_is_written() {
    for name in fixtures::names() {
        let imported = imported(&name);
        for (path, text) in &imported.files {
            let line = text.lines().find(|line| line.contains(CANARY));
            assert_eq!(line, None, "{name}: {path}");
        }
        assert!(!report_text(&imported).contains(CANARY), "{name}");
        assert!(!format!("{:?}", imported.questions).contains(CANARY), "{name}");
    }
}

#[test]
fn paths_stay_inside() {
    for name in fixtures::names() {
        for path in imported(&name).files.keys() {
            let parts: Vec<&str> = path.split('/').collect();
            assert!(
                !path.starts_with('/') && parts.iter().all(|part| !matches!(*part, "" | "." | "..")),
                "{path}"
            );
        }
    }
}

#[test]
fn every_plan_is_right() {
    for name in fixtures::names() {
        let folder = written(&imported(&name));
        let plan =
            load(&folder.path().join("plan.yaml")).unwrap_or_else(|errors| panic!("{name}: {errors:#?}"));
        assert_eq!(plan.environments.len(), 3, "{name}");
    }
}

/// The cluster's trials build those of the others.
#[tokio::test]
async fn the_overlays_build() {
    let renderer = Renderer::detect(None).await.unwrap();
    for name in ["03-web-db-cache-health", "33-unicode-and-hard-names"] {
        let folder = written(&imported(name));
        let check = check(&folder.path().join("plan.yaml"), Ok(&renderer)).await;
        assert!(check.is_clean(), "{name}: {check:#?}");
    }
}

fn is_of_weeks_3_and_4(path: &str) -> bool {
    path == "plan.yaml" || ["helm/", "namespaces/", "issuers/"].iter().any(|folder| path.starts_with(folder))
}

#[test]
fn a_tree_is_as_it_was() {
    for name in [
        "01-one-service",
        "03-web-db-cache-health",
        "20-one-shot-jobs",
        "12-bind-mounts",
        "47-behind-a-proxy",
    ] {
        let mut text = String::new();
        for (path, content) in &imported(name).files {
            // The charts' values are the shipped ones, but for Loki's.
            if path.starts_with("helm/") && !path.starts_with("helm/loki/") {
                continue;
            }
            if !is_of_weeks_3_and_4(path) || name == "03-web-db-cache-health" || name == "47-behind-a-proxy" {
                write!(text, "==> {path}\n{content}\n").unwrap();
            }
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offline/trees"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}
