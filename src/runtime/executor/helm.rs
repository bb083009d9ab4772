//! Steps that are releases: prepared, executed and found again by helm.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::{
    Executor, Hands, release_hooks,
    release_same::{applied, is_same},
    release_stuck::Stuck,
    release_view::{facts, told_of, told_to, view},
};
use crate::{
    cluster::{Inventory, Prepared, Promised, ReleaseRequest, prepare_release},
    diff::{Change, Kind, Problem},
    helm::{Chart, Helm, Hook, Release, Rendered, Rendering, Revision, Status, Workplace, row_of},
    object::Key,
    observed::{Name, Observation},
    plan::{ChartSource, Environment, HelmChart, Step},
    readiness::Readiness,
    rehearsal::StandIns,
    render::{chart_folder, values},
    rollback::{Recovery, ReleaseAction, ReleaseOrder},
};

/// helm, once a step has needed it.
pub(in crate::runtime) struct HelmSite {
    /// The program that the operator names.
    preferred: Option<PathBuf>,
    /// In a rehearsal: what is taken in place of the plan's charts.
    pub(super) stand_ins: Option<StandIns>,
    pub(super) place: OnceCell<(Workplace, Option<TempDir>)>,
}

impl HelmSite {
    pub(in crate::runtime) fn new(preferred: Option<PathBuf>, stand_ins: Option<StandIns>) -> Self {
        Self { preferred, stand_ins, place: OnceCell::new() }
    }
}

/// helm's part of a run's folder.
pub(in crate::runtime) fn helm_folder(run: &Path) -> PathBuf {
    run.join("helm")
}

/// A release as it stands.
pub(super) struct Known {
    pub(super) history: Vec<Revision>,
    /// What the newest revision that counts for the next change holds.
    pub(super) release: Option<Release>,
}

impl Known {
    pub(super) fn last(&self) -> Option<&Revision> {
        self.history.last()
    }

    /// The revision that stands.
    pub(super) fn deployed(&self) -> Option<&Revision> {
        self.history.iter().rev().find(|revision| revision.status == Status::Deployed)
    }
}

impl Executor {
    /// helm, found on first use.
    pub(super) async fn workplace(&self) -> Result<&Workplace, Problem> {
        let made = self.helm.place.get_or_try_init(|| async {
            let helm = Helm::detect(&self.search, self.helm.preferred.as_deref()).await?;
            let connection = self.hands.reader().connection();
            let kubeconfig = connection.kubeconfig();
            // Read-only leaves nothing in the run's folder.
            let borrowed = match self.hands {
                Hands::Reader(_) => Some(TempDir::new().map_err(|error| {
                    Problem::new("a folder for helm", error.to_string(), "free space, then try again")
                })?),
                Hands::Writer(_) => None,
            };
            let folder = borrowed
                .as_ref()
                .map_or_else(|| helm_folder(self.folder.path()), |own| own.path().to_owned());
            let place = Workplace::new(helm, &folder, kubeconfig, connection.context())?;
            Ok((place, borrowed))
        });
        made.await.map(|(place, _)| place)
    }

    /// The namespace of a release, as an environment of its own.
    pub(super) fn environment_of(&self, namespace: &str) -> Environment {
        Environment { namespace: namespace.to_owned(), ..self.environment.clone() }
    }

    pub(super) async fn prepare_helm(
        &self,
        step: &Step,
        helm: &HelmChart,
        kind: Kind,
        (held, promised): (Inventory, Promised),
    ) -> Result<Prepared, Vec<Problem>> {
        let one = |problem| vec![problem];
        if kind == Kind::Prune {
            // helm deletes by itself what a chart no longer has, with the upgrade.
            return Ok(self.request(step, Vec::new(), held).nothing(kind));
        }
        let namespace = helm.namespace.clone().unwrap_or_else(|| self.environment.namespace.clone());
        let merged = values(&self.plan, helm)?;
        let place = self.workplace().await.map_err(one)?;
        let folder = match &helm.chart {
            ChartSource::Folder(path) => Some(chart_folder(&self.plan, path).map_err(one)?),
            _ => None,
        };
        let (taken, said) = self.stood_in(helm).await.map_err(one)?.unzip();
        let taken = taken.as_ref().unwrap_or(helm);
        let chart = self
            .telling(&helm.release, &fetching(taken), place.fetch(taken, folder.as_deref()))
            .await
            .map_err(one)?;
        let known = match &self.hands {
            Hands::Writer(_) => self.known(&helm.release, &namespace, Wanted::Deployed).await.map_err(one)?,
            // Whoever only looks on need not be able to read the Secrets that releases are kept in.
            Hands::Reader(_) => {
                let known = self.known(&helm.release, &namespace, Wanted::Deployed).await;
                known.unwrap_or(Known { history: Vec::new(), release: None })
            }
        };
        let mut stuck = self.stuck(step, &known, &helm.release);
        let text = merged.to_string();
        let named = (helm.release.as_str(), namespace.as_str());
        let is_ours = !held.items.is_empty();
        let mut rendered = self
            .rendered_for(place, &chart, named, (&text, &promised), (&known, &mut stuck, is_ours))
            .await?;
        let is_same_chart = is_same(&known, &chart, &merged, &rendered);
        let order = ReleaseOrder {
            name: helm.release.clone(),
            namespace: namespace.clone(),
            action: ReleaseAction::Upgrade {
                chart: format!("{}-{}", chart.name, chart.version),
                sha256: chart.sha256.clone(),
                values: Some(text),
            },
            before: known.last().map(|last| last.revision),
            stood: known.deployed().map(|deployed| deployed.revision),
            recovery: stuck.recovery,
            made_anew: Vec::new(),
        };
        let action = told_to(&order);
        let environment = self.environment_of(&namespace);
        let mut base = self.request(step, Vec::new(), held);
        base.environment = &environment;
        base.promised = promised;
        base.renderer = Some(place.helm.to_string());
        base.rendered = rendered.crds.iter().chain(&rendered.objects).cloned().collect();
        let hooks = self.compared(&mut rendered, known.release.as_ref(), &namespace).await;
        stuck.risks.extend(release_hooks::told(&hooks, known.release.is_some()));
        // A hook that changes is run only if there is something to upgrade to.
        let is_same_chart = is_same_chart && hooks.iter().all(|hook| hook.change != Some(Change::Change));
        let view = view(&order, place, &known, action, Some(&chart), (&rendered, hooks));
        stuck.risks.extend(said);
        stuck.risks.extend(told_of(&chart, &rendered, &view, (&namespace, &self.environment.namespace)));
        let applied = applied(known.release.as_ref(), place.helm.generation);
        let request = ReleaseRequest {
            facts: facts(
                &known,
                &order,
                &format!("{}-{}", chart.name, chart.version),
                chart.app_version.as_deref(),
            ),
            base,
            kind,
            rendered,
            standing: known.release.map(|release| release.objects),
            applied,
            is_same_chart,
            left: BTreeMap::new(),
            view,
            problems: stuck.problems,
            risks: stuck.risks,
            order,
        };
        let reader = self.hands.reader();
        match &self.hands {
            Hands::Reader(_) => prepare_release(reader, None, request).await,
            Hands::Writer(writer) => prepare_release(reader, Some(writer.planner()), request).await,
        }
    }

    /// The chart as helm will write it: as an install where none ever stood, if an upgrade would pass over hooks.
    async fn rendered_for(
        &self,
        place: &Workplace,
        chart: &Chart,
        named: (&str, &str),
        (text, promised): (&str, &Promised),
        (known, stuck, is_ours): (&Known, &mut Stuck, bool),
    ) -> Result<Rendered, Vec<Problem>> {
        let failed = known.is_failed_install();
        let is_anew = known.history.is_empty() || stuck.recovery == Some(Recovery::Uninstall);
        let is_upgrade = !is_anew && !failed;
        let rendered = self.rendered(place, chart, named, text, (is_upgrade, promised)).await?;
        if !failed {
            return Ok(rendered);
        }
        let hooks: Vec<&Hook> = rendered.hooks.iter().filter(|hook| hook.is_of_install_only()).collect();
        stuck.failed_install(known, &hooks, is_ours);
        if stuck.recovery.is_some() {
            return Ok(rendered);
        }
        self.rendered(place, chart, named, text, (true, promised)).await
    }

    /// Does something that takes its time, and lets the screen say so.
    pub(super) async fn telling<T>(&self, release: &str, what: &str, work: impl Future<Output = T>) -> T {
        let key = Key {
            group: "helm.sh".to_owned(),
            kind: "Release".to_owned(),
            namespace: None,
            name: release.to_owned(),
        };
        self.observe(Observation::Progress(key, Readiness::Progressing { reason: what.to_owned() }));
        let done = work.await;
        self.observe(Observation::ProgressCleared);
        done
    }

    async fn rendered(
        &self,
        place: &Workplace,
        chart: &Chart,
        (release, namespace): (&str, &str),
        values: &str,
        (is_upgrade, promised): (bool, &Promised),
    ) -> Result<Rendered, Vec<Problem>> {
        let served = self.hands.reader().served().await.map_err(|failure| {
            vec![Problem::new("the cluster's kinds", failure.to_string(), failure.kind.remedy())]
        })?;
        // A chart asks what is served: it is told of what the steps before it will bring as well.
        let mut kinds = served.kinds;
        let is_whole = promised.kinds().iter().all(|kind| kinds.contains(kind));
        kinds.extend(promised.kinds());
        let rendering = Rendering {
            chart,
            release,
            namespace,
            values,
            is_upgrade,
            capabilities: Some((&served.version, &kinds)),
            asks_cluster: is_whole && matches!(self.hands, Hands::Writer(_)),
        };
        place.render(rendering).await
    }

    /// The history of a release, which is shown as well.
    pub(super) async fn history(&self, name: &str, namespace: &str) -> Result<Vec<Revision>, Problem> {
        let history = self.workplace().await?.history(name, namespace).await;
        let of = Name { namespace: namespace.to_owned(), name: name.to_owned() };
        self.observe(Observation::Release(of, row_of(namespace, history.as_deref())));
        history
    }

    /// The history of a release and what it holds.
    pub(super) async fn known(&self, name: &str, namespace: &str, wanted: Wanted) -> Result<Known, Problem> {
        let place = self.workplace().await?;
        let history = self.history(name, namespace).await?;
        let mut known = Known { history, release: None };
        let counts = match wanted {
            Wanted::Deployed => known.deployed().or(known.last()),
            Wanted::Last => known.last(),
        };
        if let Some(revision) = counts.map(|revision| revision.revision) {
            known.release = Some(place.release(name, namespace, revision).await?);
        }
        Ok(known)
    }
}

/// What is done to have a chart.
fn fetching(helm: &HelmChart) -> String {
    let verb = if matches!(helm.chart, ChartSource::Folder(_)) { "packaging" } else { "pulling" };
    let version = helm.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
    format!("{verb} chart {}{version}", helm.chart)
}

/// Which revision's objects count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The one that stands: an upgrade goes from it.
    Deployed,
    /// The newest, whatever became of it: a rollback goes from it.
    Last,
}
