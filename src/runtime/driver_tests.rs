use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use futures::FutureExt;

use super::Driver;
use crate::{
    diff::{Change, ClusterIdentity, IdentitySource, Kind, Leftovers, Proposal, Row, Wave},
    engine::{Approval, Author, Command, Effect, Event, Outcome, Phase, Run},
    journal::{Journal, RunFolder},
    object::{Digest, Key},
    plan::{Action, EnvironmentName, Step, testing},
    runtime::perform::Perform,
};

pub(in crate::runtime) fn step() -> Step {
    let action = Action::Kustomize { path: "overlay".into() };
    Step { title: "Apply the overlay".into(), ..testing::step("week-1/overlay", action) }
}

fn cluster() -> ClusterIdentity {
    ClusterIdentity {
        uid: "3f2a9c".into(),
        source: IdentitySource::KubeSystem,
        server: "https://127.0.0.1:1/".into(),
        certificate_authority: None,
    }
}

fn proposal() -> Proposal {
    Proposal {
        step: step().path,
        kind: Kind::Apply,
        environment: EnvironmentName("staging".into()),
        namespace: "staging".into(),
        context: "staging".into(),
        cluster: cluster(),
        rows: vec![Row {
            digest: Digest("row".into()),
            ..Row::new(
                Key { group: String::new(), kind: "ConfigMap".into(), namespace: None, name: "app".into() },
                "v1",
                Change::Create,
                Wave::Configuration,
            )
        }],
        problems: Vec::new(),
        risks: Vec::new(),
        requires: Vec::new(),
        renderer: None,
        leaves: Vec::new(),
        release: None,
        file: None,
        validated: true,
        digest: Digest("shown".into()),
    }
}

/// Answers what comes before the first write; a write never ends.
fn until_the_first_write() -> Perform {
    Arc::new(|effect, _| match effect {
        Effect::Prepare { .. } => async { Outcome::Prepared(Box::new(proposal())) }.boxed(),
        Effect::Preserve { .. } => {
            async { Outcome::Preserved { record: "record".into(), cannot_undo: Vec::new() } }.boxed()
        }
        _ => std::future::pending().boxed(),
    })
}

fn driver(state: &Path, perform: Perform) -> Driver {
    let (journal, entries) = Journal::open(&RunFolder::new(state, "plan", "staging")).unwrap();
    let author = Author { user: "you".into(), host: "laptop".into() };
    Driver::new(Run::new(vec![step()]), journal, &entries, author, perform)
}

pub(in crate::runtime) fn session() -> Command {
    Command::StartSession { program: "0".into(), plan_digest: "digest".into() }
}

/// A driver that ends amid its first write.
async fn killed_while_writing(state: &Path) {
    drop(at_its_first_write(state).await);
}

/// A driver amid its first write.
pub(in crate::runtime) async fn at_its_first_write(state: &Path) -> Driver {
    let mut driver = driver(state, until_the_first_write());
    let environment = EnvironmentName("staging".into());
    driver
        .begin(Event::RunStarted { plan: "plan".into(), plan_digest: "digest".into(), environment })
        .unwrap();
    driver.submit(Command::MeetCluster(cluster())).unwrap();
    driver.submit(session()).unwrap();
    driver
        .submit(Command::Request { steps: vec![step().path], kind: Kind::Apply, leftovers: Leftovers::Stay })
        .unwrap();
    driver.next().await;
    let attempt = driver.run().awaiting().next().unwrap().number;
    driver.submit(Command::Confirm(vec![Approval { attempt, digest: Digest("shown".into()) }])).unwrap();
    driver.next().await;
    assert_eq!(driver.run().active().unwrap().phase, Phase::Executing);
    driver
}

#[tokio::test]
async fn nothing_of_a_dead_process_is_started_before_a_session_is_begun() {
    let state = tempfile::tempdir().unwrap();
    killed_while_writing(state.path()).await;
    let started = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&started);
    let mut driver = driver(
        state.path(),
        Arc::new(move |effect, _| {
            seen.lock().unwrap().push(effect);
            std::future::pending().boxed()
        }),
    );
    assert!(matches!(driver.run().pending().as_slice(), [Effect::Execute { .. }]), "a write was under way");
    driver.submit(Command::MeetCluster(cluster())).unwrap();
    assert!(started.lock().unwrap().is_empty() && driver.is_idle(), "{started:?}");
    driver.submit(session()).unwrap();
    let started = started.lock().unwrap();
    assert!(matches!(started.as_slice(), [Effect::Inspect { .. }]), "{started:?}");
}
