//! Killed (SIGKILL) before each journal entry in turn, and gone on with: what comes of it is what an
//! undisturbed run leaves.
//!
//! The program kills itself when the entry is about to be written, everything before it being durable
//! and whatever it has in flight being lost or not. Then it is started again and its own offer is
//! taken, until all is done.

mod case;

use std::future::ready;

use futures::{StreamExt, stream};
use libtest_mimic::Trial;
use tokio::sync::{OnceCell, Semaphore};

use self::case::{Case, Stack};
use crate::support::{Cluster, trial};

/// Cases at once, of all trials together: each is a process and what it asks of the cluster.
static LANES: Semaphore = Semaphore::const_new(12);

/// A scenario's entries are shared out among so many trials.
const PARTS: u64 = 8;

/// The trials of one scenario.
macro_rules! parts {
    ($scenario:ident, $name:literal) => {
        parts!($scenario, $name, 0 1 2 3 4 5 6 7)
    };
    ($scenario:ident, $name:literal, $($part:literal)*) => {
        vec![$(trial(concat!($name, "_", $part), |cluster| every(cluster, &$scenario, $part))),*]
    };
}

pub fn trials() -> Vec<Trial> {
    let own = vec![
        trial("killed::with_an_autoscaler", with_an_autoscaler),
        trial("killed::given_up_and_taken_back", given_up_and_taken_back),
        trial("killed::given_up_and_taken_back_with_its_namespace", taken_back_with_its_namespace),
    ];
    let parts = [
        parts!(CREATING, "killed::creating"),
        parts!(CHANGING, "killed::changing"),
        parts!(TAKING_BACK_A_CHANGE, "killed::taking_back_a_change"),
        parts!(TAKING_ALL_BACK, "killed::taking_all_back"),
    ];
    parts.into_iter().flatten().chain(own).collect()
}

/// A command that is killed at each of its entries.
struct Scenario {
    name: &'static str,
    stack: Stack,
    command: &'static str,
    undisturbed: OnceCell<Undisturbed>,
}

/// What a run that nobody killed came to.
struct Undisturbed {
    /// The first and the last entry that the command writes.
    entries: (u64, u64),
    stand: case::Stand,
}

impl Scenario {
    const fn new(name: &'static str, stack: Stack, command: &'static str) -> Self {
        Self { name, stack, command, undisturbed: OnceCell::const_new() }
    }

    async fn undisturbed(&self, cluster: &Cluster) -> &Undisturbed {
        let run = || async {
            let case = self.case(cluster, 0).await;
            // A run is begun by whatever looks at it first: that is killed as well.
            let first = if case.entries() == 0 { 1 } else { case.entries() + 1 };
            let before = case.stand().await;
            case.whole(self.command).await;
            let undisturbed = Undisturbed { entries: (first, case.entries()), stand: case.stand().await };
            if self.command == "apply" {
                assert_ne!(undisturbed.stand, before);
            }
            undisturbed
        };
        self.undisturbed.get_or_init(run).await
    }

    /// Killed before the entry, and gone on with.
    async fn one(&self, cluster: &Cluster, entry: u64) -> Case {
        let case = self.case(cluster, entry).await;
        case.killed(self.command, entry).await;
        case.to_the_end(self.command).await;
        case
    }

    /// All is ready for the command.
    async fn case(&self, cluster: &Cluster, entry: u64) -> Case {
        let case = Case::new(cluster, &format!("{}-{entry}", self.name), self.stack).await;
        if self.command == "rollback" {
            case.to_the_end("apply").await;
        }
        case
    }
}

/// How many entries an undisturbed run of `SCALED` has.
const SCALED_ENTRIES: u64 = 41;

static SCALED: Scenario = Scenario::new("scaled", Stack::Scaled, "apply");
static CREATING: Scenario = Scenario::new("creating", Stack::New, "apply");
static CHANGING: Scenario = Scenario::new("changing", Stack::Adopted, "apply");
static TAKING_BACK_A_CHANGE: Scenario = Scenario::new("taking-back", Stack::Adopted, "rollback");
static TAKING_ALL_BACK: Scenario = Scenario::new("taking-all-back", Stack::New, "rollback");

/// Every case of one part of a scenario's entries.
async fn every(cluster: &'static Cluster, scenario: &'static Scenario, part: u64) {
    let undisturbed = scenario.undisturbed(cluster).await;
    let (first, last) = undisturbed.entries;
    stream::iter((first..=last).filter(|entry| entry % PARTS == part))
        .map(|entry| async move {
            let _lane = LANES.acquire().await.unwrap();
            scenario.one(cluster, entry).await.expect(&undisturbed.stand, entry).await;
        })
        .buffer_unordered(3)
        .for_each(ready)
        .await;
}

/// An autoscaler takes half a minute to read metrics: the last entries only, all at once.
async fn with_an_autoscaler(cluster: &'static Cluster) {
    let entries = SCALED_ENTRIES - 9..=SCALED_ENTRIES;
    let cases = stream::iter(entries)
        .map(|entry| async move { (entry, SCALED.one(cluster, entry).await) })
        .buffer_unordered(10)
        .collect::<Vec<_>>();
    let (undisturbed, cases) = tokio::join!(SCALED.undisturbed(cluster), cases);
    assert_eq!(undisturbed.entries.1, SCALED_ENTRIES);
    for (entry, case) in cases {
        case.expect(&undisturbed.stand, entry).await;
    }
}

/// Whoever has seen enough takes back what a killed apply has written.
async fn given_up_and_taken_back(cluster: &'static Cluster) {
    given_up(cluster, &CHANGING, "given-up", 4).await;
}

/// A stage that was killed while it created, taken back at one go: its namespace goes with what it had made.
async fn taken_back_with_its_namespace(cluster: &'static Cluster) {
    given_up(cluster, &CREATING, "all-given-up", 5).await;
}

/// Killed before every so many of the scenario's entries, the last one among them, and taken back to what was there.
async fn given_up(cluster: &'static Cluster, scenario: &'static Scenario, name: &str, step: usize) {
    let (first, last) = scenario.undisturbed(cluster).await.entries;
    let before = &Case::new(cluster, name, scenario.stack).await.stand().await;
    stream::iter((first..=last).rev().step_by(step))
        .map(|entry| async move {
            let _lane = LANES.acquire().await.unwrap();
            let case = Case::new(cluster, &format!("{name}-{entry}"), scenario.stack).await;
            case.killed("apply", entry).await;
            case.to_the_end("rollback").await;
            case.expect(before, entry).await;
        })
        .buffer_unordered(3)
        .for_each(ready)
        .await;
}
