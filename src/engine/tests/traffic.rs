//! What is taken away while users come through it.

use super::{Table, path, proposal, steps};
use crate::{
    diff::{Kind, RiskKind},
    engine::{Event, Run},
    object::Key,
    plan::{Entry, Gate, StepPath},
};

/// The last item of week 1 moves the name; one of week 2 says that the old stack is stopped.
fn moving() -> Table {
    let mut steps = steps();
    let parity = steps.last_mut().unwrap();
    parity.title = "Move the DNS record".into();
    parity.gates = vec![Gate::Dns { host: "app.example.com".into(), to: Entry::Ingress("web".into()) }];
    let mut stop = parity.clone();
    (stop.path, stop.title, stop.gates) = (path("stop"), "Stop the old stack".into(), Vec::new());
    steps.push(stop);
    let mut table = Table::new();
    table.run = Run::new(steps);
    table
}

fn tick(table: &mut Table, step: &str) {
    table.record(vec![Event::Ticked { step: path(step), note: "seen".into() }]);
}

#[test]
fn a_rollback_after_the_record_has_moved_is_a_risk_and_says_what_to_do_first() {
    let mut table = moving();
    let shown = proposal(&path("overlay"), Kind::Rollback);
    assert_eq!(table.run.traffic(&shown), [], "no name has moved");
    tick(&mut table, "parity");
    tick(&mut table, "stop");
    let risks = table.run.traffic(&shown);
    let [risk] = risks.as_slice() else { panic!("{risks:?}") };
    assert_eq!(risk.kind, RiskKind::Traffic);
    for part in [
        "“Move the DNS record” was ticked 1970-01-01",
        "(app.example.com resolves to ingress/web), and after it “Stop the old stack”",
        "First move the record back",
    ] {
        assert!(risk.message.contains(part), "{part}\n{}", risk.message);
    }
    assert_eq!(table.run.traffic(&proposal(&path("overlay"), Kind::Apply)), [], "nothing is taken away");
    table.record(vec![Event::Reopened { step: path("parity") }]);
    assert_eq!(table.run.traffic(&shown), [], "the record has moved back");
}

#[test]
fn of_other_stages_what_is_in_the_stack_s_namespace_counts() {
    let mut table = moving();
    tick(&mut table, "parity");
    let elsewhere: StepPath = "week-3/loki".parse().unwrap();
    let key = |namespace: Option<&str>, kind: &str, name: &str| Key {
        group: String::new(),
        kind: kind.into(),
        namespace: namespace.map(Into::into),
        name: name.into(),
    };
    for (key, count) in [
        (key(Some("monitoring"), "Service", "loki"), 0),
        (key(Some("staging"), "Service", "web"), 1),
        (key(None, "Namespace", "staging"), 1),
        (key(None, "Namespace", "monitoring"), 0),
    ] {
        let risks = table.run.traffic_through(&elsewhere, "staging", std::iter::once(&key));
        assert_eq!(risks.len(), count, "{key}");
    }
    assert_eq!(table.run.traffic_through(&path("overlay"), "staging", std::iter::empty()), []);
}
