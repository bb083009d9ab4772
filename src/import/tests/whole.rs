use std::path::PathBuf;

use super::{
    super::{Fate, Options, import},
    services, with_files,
};
use crate::{compose, plan::Plan};

#[test]
fn what_likely_differs_is_in_the_overlays() {
    let imported = with_files(
        "services:\n  web:\n    image: a/web:1\n    environment: {LOG_LEVEL: info, PUBLIC_HOST: '${PUBLIC_HOST:-shop.example.org}', FIXED: a}\n",
        &[],
    );
    let dev = imported.text("kubernetes/overlays/dev/configmap.yml");
    assert!(
        dev.contains("LOG_LEVEL: debug")
            && dev.contains("PUBLIC_HOST: shop.example.org")
            && !dev.contains("FIXED"),
        "{dev}"
    );
    assert!(imported.text("kubernetes/overlays/prod/configmap.yml").contains("LOG_LEVEL: info"));
}

#[test]
fn every_key_is_told_once() {
    let imported =
        services("  web:\n    image: a/web:1\n    logging: {driver: syslog}\n    x-own: 1\n    unheard: 2\n");
    let fates: Vec<(&str, Fate)> =
        imported.gaps.keys.iter().map(|gap| (gap.path.as_str(), gap.fate)).collect();
    assert_eq!(
        fates,
        [
            ("services.web.image", Fate::Mapped),
            ("services.web.logging.driver", Fate::NotMapped),
            ("services.web.x-own", Fate::Read),
            ("services.web.unheard", Fate::NotMapped),
        ]
    );
    let report = imported.text("MIGRATION.md");
    assert!(report.contains("4 keys: 1 mapped, 0 approximated, 2 not mapped, 1 read"), "{report}");
}

#[test]
fn names_that_would_be_one_are_an_error_with_both_places() {
    let text = "services:\n  my_app:\n    image: a:1\n  my-app:\n    image: b:1\n";
    let files = super::Files([(PathBuf::from("compose.yaml"), text.to_owned())].into());
    let request = compose::Request { folder_name: "shop".to_owned(), ..compose::Request::default() };
    let reading = compose::read(&files, &request).unwrap();
    let problems = import(&reading.project, &Options::default()).unwrap_err();
    assert_eq!(problems.len(), 1);
    let told = problems[0].to_string();
    assert!(
        told.contains("compose.yaml:2") && told.contains("compose.yaml:4") && told.contains("my-app"),
        "{told}"
    );
}

#[test]
fn the_plan_is_one_that_the_cockpit_runs() {
    let imported = with_files(
        "services:\n  web:\n    image: a/web:1\n    deploy: {replicas: 2}\n  db:\n    image: postgres:16\n    volumes: ['data:/var/lib/postgresql/data']\n  \
         job:\n    image: a/job:1\n    restart: 'no'\nvolumes:\n  data:\n",
        &[],
    );
    let plan = Plan::parse(imported.text("plan.yaml"), std::path::Path::new("plan.yaml"), PathBuf::from("."))
        .unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(plan.name, "shop");
    let gates = imported.text("plan.yaml");
    for gate in [
        "rollout: Deployment/web",
        "rollout: StatefulSet/db",
        "kind: Job, name: job, condition: Complete",
        "autoscaler: web",
    ] {
        assert!(gates.contains(gate), "{gate}");
    }
}
