//! Steps applied and rolled back as the runner does it, without its journal.

use std::cell::Cell;
use std::time::Duration;

use migrate_tui::cluster::{
    Closing, ConnectOptions, Connection, Inventory, Permit, Place, PrepareRequest, Prepared, Promised,
    RollbackRequest, RowDone, Traced, Writer, close, execute, inventory, prepare_apply, prepare_prune,
    prepare_rollback, preserve, recheck, settle,
};
use migrate_tui::diff::{Change, Kind, Problem};
use migrate_tui::engine::{AttemptNumber, Tries};
use migrate_tui::object::{Digester, Object, identity_free};
use migrate_tui::plan::{Action, Confirmation, Environment, EnvironmentName, StageId, Step, StepPath};
use migrate_tui::rollback::{Fate, Image, RECORD_VERSION, Record, UndoneAttempt};
use serde_json::Value;
use tokio::time::Instant;

use crate::support::Cluster;

/// A run in one namespace.
pub struct Bench {
    pub writer: Writer,
    pub environment: Environment,
    pub place: Place,
    digester: Digester,
    attempts: Cell<u32>,
    _folder: tempfile::TempDir,
}

/// One attempt that was written.
pub struct Attempted {
    pub undone: UndoneAttempt,
    pub reference: String,
    pub prepared: Prepared,
}

impl Bench {
    pub async fn new(cluster: &Cluster, namespace: &str) -> Self {
        let options = ConnectOptions { kubeconfig: Some(cluster.kubeconfig()), ..ConnectOptions::default() };
        Self::on(Connection::open(&options).await.unwrap(), namespace)
    }

    pub async fn impersonating(cluster: &Cluster, namespace: &str, user: &str) -> Self {
        let options = ConnectOptions {
            kubeconfig: Some(cluster.kubeconfig()),
            impersonate: Some(user.to_owned()),
            ..ConnectOptions::default()
        };
        Self::on(Connection::open(&options).await.unwrap(), namespace)
    }

    pub fn on(connection: Connection, namespace: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            writer: Writer::new(connection),
            environment: Environment {
                name: EnvironmentName("trial".into()),
                namespace: namespace.to_owned(),
                context: None,
                confirmation: Confirmation::Button,
                variables: std::collections::BTreeMap::new(),
            },
            place: Place { namespace: namespace.to_owned(), folder: folder.path().to_owned() },
            digester: Digester::new([7; 32]),
            attempts: Cell::new(0),
            _folder: folder,
        }
    }

    pub fn step(&self, id: &str) -> Step {
        Step {
            path: StepPath { stage: StageId("week-1".into()), step: id.to_owned() },
            title: format!("{id} in {}", self.environment.name),
            description: String::new(),
            action: Action::Manifests { paths: Vec::new() },
            gates: Vec::new(),
            deadline: Duration::from_mins(1),
            inventory: "trial".to_owned(),
            allow_replace: true,
            acknowledged: Vec::new(),
            only_in: None,
            later: None,
            requires: Vec::new(),
        }
    }

    pub async fn live(&self, api_version: &str, kind: &str, name: &str) -> Option<Object> {
        let namespace = Some(self.environment.namespace.as_str());
        self.writer.planner().reader().get(api_version, kind, namespace, name).await.unwrap()
    }

    pub async fn deployment(&self, name: &str) -> Object {
        self.live("apps/v1", "Deployment", name).await.expect("the deployment")
    }

    async fn request<'a>(&'a self, step: &'a Step, rendered: Vec<Value>) -> PrepareRequest<'a> {
        let connection = self.writer.planner().reader().connection();
        let inventory = self.inventory().await;
        PrepareRequest {
            environment: &self.environment,
            step,
            rendered: rendered.into_iter().map(Object).collect(),
            renderer: None,
            digester: &self.digester,
            cluster: connection.identity(&self.environment.namespace).await.unwrap(),
            context: "trial",
            inventory,
            promised: Promised::default(),
        }
    }

    pub async fn inventory(&self) -> Inventory {
        inventory(self.writer.planner().reader(), "trial", &self.place).await.unwrap()
    }

    pub async fn prepare(&self, step: &str, rendered: Vec<Value>) -> Prepared {
        let step = self.step(step);
        let request = self.request(&step, rendered).await;
        prepare_apply(self.writer.planner(), &request).await.unwrap()
    }

    /// Prepares, confirms and writes an apply; panics on any problem.
    pub async fn apply(&self, step: &str, rendered: Vec<Value>) -> Attempted {
        let prepared = self.prepare(step, rendered).await;
        let step = self.step(step).path;
        self.write(&step, Kind::Apply, prepared, &[]).await
    }

    /// Deletes what the inventory holds and the rendering no longer does.
    pub async fn prune(&self, step: &str, rendered: Vec<Value>) -> Attempted {
        let step = self.step(step);
        let request = self.request(&step, rendered).await;
        let prepared = prepare_prune(self.writer.planner().reader(), &request).await.unwrap();
        self.write(&step.path, Kind::Prune, prepared, &[]).await
    }

    /// What would undo attempts, newest first.
    pub async fn prepare_undo(&self, step: &str, undone: &[&Attempted]) -> Prepared {
        self.prepare_stage_undo(step, undone, &[], &[]).await
    }

    pub async fn prepare_stage_undo(
        &self,
        step: &str,
        undone: &[&Attempted],
        after: &[&str],
        first: &[&Attempted],
    ) -> Prepared {
        let step = self.step(step);
        let request = RollbackRequest {
            base: self.request(&step, Vec::new()).await,
            undone: undone.iter().map(|attempted| attempted.undone.clone()).collect(),
            after: after.iter().map(|id| self.step(id).path).collect(),
            first: first.iter().map(|attempted| attempted.undone.clone()).collect(),
            inventories: &[self.inventory().await],
            traced: &Traced::default(),
            steps: &[],
            coming: &[],
        };
        prepare_rollback(self.writer.planner(), &request).await.unwrap()
    }

    /// Undoes attempts, newest first; panics on any problem.
    pub async fn undo(&self, step: &str, undone: &[&Attempted]) -> Attempted {
        let prepared = self.prepare_undo(step, undone).await;
        let numbers: Vec<AttemptNumber> =
            undone.iter().map(|attempted| attempted.undone.record.attempt).collect();
        self.write(&self.step(step).path, Kind::Rollback, prepared, &numbers).await
    }

    pub async fn record(&self, step: &StepPath, kind: Kind, images: Vec<Image>) -> (Record, Permit) {
        let number = AttemptNumber(self.attempts.get() + 1);
        self.attempts.set(number.0);
        let connection = self.writer.planner().reader().connection();
        let cluster = connection.identity(&self.environment.namespace).await.unwrap();
        let record = Record {
            version: RECORD_VERSION,
            plan: "trial".to_owned(),
            environment: self.environment.name.clone(),
            step: step.clone(),
            attempt: number,
            kind,
            undoes: Vec::new(),
            author: None,
            inventory: "trial".to_owned(),
            cluster: cluster.clone(),
            images,
            release: None,
            pin: None,
            leftovers: Vec::new(),
        };
        (record, Permit::for_trial(number, cluster))
    }

    pub async fn write(
        &self,
        step: &StepPath,
        kind: Kind,
        prepared: Prepared,
        undone: &[AttemptNumber],
    ) -> Attempted {
        assert_eq!(prepared.proposal.problems, []);
        let (record, permit) = self.record(step, kind, prepared.images.clone()).await;
        recheck(self.writer.planner().reader(), &prepared.images).await.unwrap();
        let preserved = preserve(&self.writer, &permit, &record, &self.place).await.unwrap();
        let mut fates = vec![Fate::NotWritten; record.images.len()];
        let mut waves: Vec<_> = record.images.iter().map(|image| image.wave).collect();
        waves.dedup();
        for wave in waves {
            for (index, image) in record.images.iter().enumerate().filter(|(_, image)| image.wave == wave) {
                if image.change != Change::Same {
                    let done = self.execute(&permit, kind, image).await.unwrap();
                    fates[index] = Fate::Written(done.uid);
                }
            }
            let reader = self.writer.planner().reader();
            let images: Vec<&Image> = record.images.iter().collect();
            let deadline = Instant::now() + Duration::from_mins(1);
            settle(reader, kind, wave, &images, deadline, &|_, _| {}).await.unwrap();
        }
        let uids: Vec<Option<String>> = fates
            .iter()
            .map(|fate| match fate {
                Fate::Written(uid) => uid.clone(),
                _ => None,
            })
            .collect();
        let outcome = Closing { uids: &uids, undone };
        close(&self.writer, &permit, &record, outcome, &self.place).await.unwrap();
        let undone = UndoneAttempt { record, fates };
        Attempted { undone, reference: preserved.record, prepared }
    }

    pub async fn execute(&self, permit: &Permit, kind: Kind, image: &Image) -> Result<RowDone, Problem> {
        execute(&self.writer, permit, kind, image, Tries::First).await
    }

    /// As in an attempt that was resumed.
    pub async fn execute_again(
        &self,
        permit: &Permit,
        kind: Kind,
        image: &Image,
    ) -> Result<RowDone, Problem> {
        execute(&self.writer, permit, kind, image, Tries::Again).await
    }
}

/// An object as two readings of the same thing share it, with its owners (without times).
pub fn picture(object: &Object) -> (Value, Vec<String>) {
    let mut owners: Vec<String> = migrate_tui::object::managers(object)
        .into_iter()
        .filter(|entry| entry.subresource.as_deref() != Some("status"))
        .map(|entry| {
            format!("{} {} {:?} {}", entry.name, entry.operation, entry.subresource, entry.fields.to_value())
        })
        .collect();
    owners.sort();
    (identity_free(object).0, owners)
}
