//! The cockpit on a real cluster: a shipped week applied, watched to ready and rolled back by keys
//! alone, and by mouse alone.

use std::{fs, path::Path, time::Duration};

use libtest_mimic::Trial;

use crate::support::{Cluster, Home, Terminal, kubectl, trial};

/// For autoscalers to have read their metrics twice, beside other trials.
const READY: Duration = Duration::from_secs(100);

/// The end of a confirmation's button that goes ahead, as in `[ Apply 28 changes ]`; no other is followed by
/// so much room.
const GO: &str = "changes ]   ";

pub fn trials() -> Vec<Trial> {
    vec![
        trial("cockpit::a_week_by_keys_alone", by_keys_alone),
        trial("cockpit::a_week_by_mouse_alone", by_mouse_alone),
    ]
}

async fn by_keys_alone(cluster: &Cluster) {
    let home = Home::new(cluster.kubeconfig());
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/phase-2/plan.yaml");
    pass_the_checklist(&home, &plan, "staging").await;
    blocking(move || {
        let mut cockpit = open(&home, &plan, "staging");
        cockpit.press("kkkkkkkkkk");
        cockpit.press("a");
        cockpit.wait("both proposals", both_ask);
        cockpit.press("a");
        cockpit.wait_for("Apply in staging?");
        // Cancel has the focus: enter alone changes nothing.
        cockpit.press("\t\r");
        is_ready(&cockpit);
        cockpit.press("r");
        cockpit.wait("both ways back", both_ask);
        cockpit.press("r");
        cockpit.wait_for("Roll back in staging?");
        cockpit.press("\t\r");
        is_rolled_back(&cockpit);
        cockpit.press("q");
        assert_eq!(cockpit.exit_code(), 0);
    })
    .await;
    is_gone(cluster, "phase2-staging").await;
}

async fn by_mouse_alone(cluster: &Cluster) {
    let home = Home::new(cluster.kubeconfig());
    let folder = tempfile::tempdir().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/phase-2");
    copy(&shipped, folder.path());
    // A name cannot be typed with a mouse.
    let plan = folder.path().join("plan.yaml");
    let text = fs::read_to_string(&plan).unwrap();
    assert!(text.contains("confirm: type-name"));
    fs::write(&plan, text.replace("confirm: type-name", "confirm: button")).unwrap();
    pass_the_checklist(&home, &plan, "prod").await;
    blocking(move || {
        let mut cockpit = open(&home, &plan, "prod");
        let shows = |screen: &str| screen.contains("[ Show changes ]");
        cockpit.click("Week 1 Manifests  ", "the stage's buttons", shows);
        cockpit.click("[ Show changes ]", "both proposals", both_ask);
        cockpit.click("changes…", "the question", |screen| screen.contains("Apply in prod?"));
        cockpit.click(GO, "work", |screen| !screen.contains("Apply in prod?"));
        is_ready(&cockpit);
        cockpit.click("[ Show rollback ]", "the way back", both_ask);
        cockpit.click("changes…", "the question", |screen| screen.contains("Roll back in prod?"));
        cockpit.click(GO, "work", |screen| !screen.contains("Roll back in prod?"));
        is_rolled_back(&cockpit);
        cockpit.press("q");
        assert_eq!(cockpit.exit_code(), 0);
        drop(folder);
    })
    .await;
    is_gone(cluster, "phase2-prod").await;
}

/// A stage stops before a checklist item that is open.
async fn pass_the_checklist(home: &Home, plan: &Path, environment: &str) {
    for item in ["services", "secrets", "data", "jobs", "cluster", "pull-secret", "app-secrets"] {
        let step = format!("week-1/{item}");
        let place = ["--plan", plan.to_str().unwrap(), "-e", environment];
        let told = home.run(place.into_iter().chain(["skip", &step, "--note", "in a rehearsal"])).await;
        told.expect_success();
    }
}

fn open(home: &Home, plan: &Path, environment: &str) -> Terminal {
    let cockpit = Terminal::open(home, [Path::new("--plan"), plan, Path::new("-e"), Path::new(environment)]);
    cockpit.wait_for("● live");
    cockpit.wait_for("simulated pods");
    cockpit
}

/// Both steps have been compared and wait for a confirmation.
fn both_ask(screen: &str) -> bool {
    screen.matches("confirm?").count() == 2
}

/// Both steps are done, and the autoscalers show percentages.
fn is_ready(cockpit: &Terminal) {
    let done = |screen: &str| {
        let steps = ["✔ Create the namespace", "✔ Apply the overlay"];
        steps.iter().all(|step| screen.contains(step)) && screen.contains("✔ gateway 4")
    };
    cockpit.wait_within(READY, "both steps done and percentages", done);
    assert!(cockpit.screen().contains("/70%"), "{}", cockpit.screen());
}

fn is_rolled_back(cockpit: &Terminal) {
    let back =
        |screen: &str| ["↶ Create the", "↶ Apply the", "Pods ─"].iter().all(|sign| screen.contains(sign));
    cockpit.wait_within(READY, "both steps rolled back and no pods", back);
}

async fn is_gone(cluster: &Cluster, namespace: &str) {
    let found =
        kubectl(&cluster.kubeconfig(), ["get", "namespace", namespace, "--ignore-not-found", "-o", "name"])
            .await;
    assert_eq!(found.expect_success(), "", "the namespace is still there");
}

/// A terminal is waited for on a thread of its own.
async fn blocking(work: impl FnOnce() + Send + 'static) {
    tokio::task::spawn_blocking(work).await.unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
