use std::{collections::BTreeMap, sync::Arc};

use futures::FutureExt;
use tokio::sync::mpsc;

use super::follow;
use crate::{
    app::{Mode, Setting},
    config::Keymap,
    engine::{Author, Command, Phase, Run, Standing, Survey},
    journal::{Journal, RunFolder},
    plan::{Confirmation, EnvironmentName},
    runtime::{
        CockpitEvent, CockpitOptions, Driven, Driver,
        driver::tests::{at_its_first_write, session, step},
        state::Cockpit,
    },
    ui::Theme,
};

fn setting() -> Setting {
    Setting {
        plan: "plan".into(),
        environment: EnvironmentName("staging".into()),
        namespace: "staging".into(),
        context: "staging".into(),
        confirmation: Confirmation::Button,
        stages: Vec::new(),
        driver: "viewer@elsewhere".into(),
        is_driven_elsewhere: false,
        ends_cluster: false,
        tells_runs: false,
    }
}

/// A read-only view of the run, and the number of the last entry that it knew.
fn view(folder: &RunFolder) -> (Cockpit, u64) {
    let (journal, entries) = Journal::look_on(folder).unwrap();
    let author = Author { user: "viewer".into(), host: "elsewhere".into() };
    let reads = Arc::new(|_, _| std::future::pending().boxed());
    let mut driver = Driver::new(Run::new(vec![step()]), journal, &entries, author, reads);
    driver.submit(session()).unwrap();
    let options = CockpitOptions {
        run: Run::new(vec![step()]),
        setting: setting(),
        mode: Mode::ReadOnly,
        theme: Theme::built_in("dark").unwrap().unwrap(),
        keymap: Keymap::new(BTreeMap::new()),
        doing: "connecting".into(),
        forge: mpsc::channel(1).0,
    };
    let mut cockpit = Cockpit::new(options, mpsc::channel(1).1);
    let (_, observations) = mpsc::channel(1);
    cockpit.take_event(CockpitEvent::Connected(Box::new(Driven {
        driver,
        setting: setting(),
        mode: Mode::ReadOnly,
        observations,
    })));
    (cockpit, entries.last().unwrap().sequence)
}

#[tokio::test]
async fn a_read_only_view_follows_what_another_process_drives() {
    let state = tempfile::tempdir().unwrap();
    let mut other = at_its_first_write(state.path()).await;
    let folder = RunFolder::new(state.path(), "plan", "staging");
    let (mut cockpit, known) = view(&folder);
    let (sender, mut events) = mpsc::channel(1);
    let following = tokio::spawn(follow(folder, known, Survey::default(), sender));

    cockpit.take_event(events.recv().await.unwrap());
    let (_, world) = cockpit.parts();
    assert_eq!(world.run.standing(&step().path), Standing::Working);
    assert_eq!(world.run.active().unwrap().phase, Phase::Executing);
    assert!(world.setting.is_driven_elsewhere);

    other.submit(Command::Note { step: step().path, text: "half way".into() }).unwrap();
    cockpit.take_event(events.recv().await.unwrap());
    let (_, world) = cockpit.parts();
    assert_eq!(world.run.notes(&step().path).len(), 1);
    assert_eq!(world.run.standing(&step().path), Standing::Working);

    drop(other);
    cockpit.take_event(events.recv().await.unwrap());
    let (_, world) = cockpit.parts();
    assert_eq!(world.run.standing(&step().path), Standing::Interrupted);
    assert_eq!(world.run.notes(&step().path).len(), 1);
    assert!(!world.setting.is_driven_elsewhere);
    drop(events);
    following.await.unwrap();
}
