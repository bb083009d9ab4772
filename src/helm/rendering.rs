//! What a chart renders to: objects, hooks, CRDs, and what of them is made anew each time.

use std::{collections::BTreeMap, ffi::OsStr, time::Duration};

use super::{
    Chart, Hidden, Hook, Workplace, anew,
    hook::{events, in_order},
    separated::separated,
    words::{reason, remedy},
    workplace::Reach,
};
use crate::{
    diff::Problem,
    object::{Key, Object},
    render::parse,
};

/// Between two looks at the clock.
const PAUSE: Duration = Duration::from_millis(50);

/// How a chart is rendered.
#[derive(Clone, Copy, Debug)]
pub struct Rendering<'a> {
    /// The chart.
    pub chart: &'a Chart,
    /// The release's name.
    pub release: &'a str,
    /// The release's namespace.
    pub namespace: &'a str,
    /// The merged values, as JSON.
    pub values: &'a str,
    /// Is there a release already?
    pub is_upgrade: bool,
    /// What the cluster serves: its version, and its kinds as charts ask for them. Used where the cluster
    /// itself cannot be asked: read-only, or before CRDs are there that the chart or an earlier step brings.
    /// `None`: what this helm knows by itself.
    pub capabilities: Option<(&'a str, &'a [String])>,
    /// May the cluster be asked?
    pub asks_cluster: bool,
}

/// What a chart renders to.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The objects of the release, as rendered.
    pub objects: Vec<Object>,
    /// What helm runs around them.
    pub hooks: Vec<Hook>,
    /// What is in the chart's `crds/`: installed once and never changed by helm.
    pub crds: Vec<Object>,
    /// JSON pointers of what was different when it was rendered once more.
    pub made_anew: BTreeMap<Key, Vec<String>>,
    /// False: charts that look things up in the cluster found nothing there.
    pub looked_up: bool,
}

impl Rendered {
    /// JSON pointers of what is made anew in an object at each rendering, which may leave its namespace out.
    #[must_use]
    pub fn places(&self, key: &Key) -> &[String] {
        let found = self.made_anew.get(&key.without_namespace()).or_else(|| self.made_anew.get(key));
        found.map_or(&[], Vec::as_slice)
    }
}

impl Workplace {
    /// Renders a chart, twice.
    ///
    /// # Errors
    /// [`Problem`]s with helm's own words, without what Secrets hold.
    pub async fn render(&self, rendering: Rendering<'_>) -> Result<Rendered, Vec<Problem>> {
        let crds = self.crds(rendering.chart).await?;
        let began = jiff::Timestamp::now();
        let (once, looked_up) = self.template(&rendering, &crds).await?;
        // A chart that asks for the time gets another second.
        while jiff::Timestamp::now().as_second() == began.as_second() {
            tokio::time::sleep(PAUSE).await;
        }
        let (again, _) = self.template(&rendering, &crds).await?;
        let made_anew = made_anew(&once, &again);
        let (hooks, objects): (Vec<Object>, Vec<Object>) =
            once.into_iter().partition(|object| !events(object).is_empty());
        let hooks = in_order(hooks.into_iter().map(Hook::of));
        Ok(Rendered { objects, hooks, crds, made_anew, looked_up })
    }

    /// Everything that a chart renders to, once and without a cluster.
    ///
    /// # Errors
    /// As [`Workplace::render`].
    pub(super) async fn render_alone(&self, rendering: Rendering<'_>) -> Result<Vec<Object>, Vec<Problem>> {
        let crds = self.crds(rendering.chart).await?;
        let (mut objects, _) = self.template(&rendering, &crds).await?;
        objects.extend(crds);
        Ok(objects)
    }

    async fn crds(&self, chart: &Chart) -> Result<Vec<Object>, Vec<Problem>> {
        let arguments = [OsStr::new("show"), OsStr::new("crds"), chart.archive.as_os_str()];
        let output = self.ask(&arguments, Reach::Nothing).await.map_err(|problem| vec![problem])?;
        if !output.status.success() {
            return Err(vec![refused(&chart.source, &output.stderr, &Hidden::default())]);
        }
        parse(&separated(&String::from_utf8_lossy(&output.stdout)), &format!("{}, crds/", chart.name))
    }

    /// Objects and hooks; and whether the cluster was asked.
    async fn template(
        &self,
        rendering: &Rendering<'_>,
        crds: &[Object],
    ) -> Result<(Vec<Object>, bool), Vec<Problem>> {
        let Rendering { chart, release, namespace, .. } = rendering;
        let hidden = Hidden::of(rendering.values, &[release, namespace, &chart.name]);
        let mut arguments = vec![OsStr::new("template"), OsStr::new(release), chart.archive.as_os_str()];
        arguments.extend(["--namespace", namespace, "--skip-tests", "--values", "-"].map(OsStr::new));
        if rendering.is_upgrade {
            arguments.push(OsStr::new("--is-upgrade"));
        }
        if rendering.asks_cluster {
            let mut asking = arguments.clone();
            asking.push(OsStr::new("--dry-run=server"));
            if self.helm.generation == 3 {
                // The third generation asks the cluster what it serves only when it validates.
                asking.push(OsStr::new("--validate"));
            }
            let asked = self.ask_with(&asking, rendering.values, Reach::Cluster);
            let output = asked.await.map_err(|problem| vec![problem])?;
            if output.status.success() {
                return self.objects(chart, &output.stdout).map(|objects| (objects, true));
            }
            let says = |words: &str| output.stderr.contains(words);
            // What stands in the way is told object by object later, helm names one.
            if !says("no matches for kind") && !says("cannot be imported into the current release") {
                return Err(vec![refused(&chart.source, &output.stderr, &hidden)]);
            }
        }
        let (version, kinds) = rendering.capabilities.unzip();
        let kinds = kinds.unwrap_or_default().iter().cloned();
        let kinds: Vec<String> = kinds.chain(crds.iter().flat_map(brought)).collect();
        let kinds = kinds.join(",");
        if let Some(version) = version {
            arguments.extend(["--kube-version", version].map(OsStr::new));
        }
        if !kinds.is_empty() {
            arguments.extend(["--api-versions", &kinds].map(OsStr::new));
        }
        let asked = self.ask_with(&arguments, rendering.values, Reach::Nothing);
        let output = asked.await.map_err(|problem| vec![problem])?;
        if !output.status.success() {
            return Err(vec![refused(&chart.source, &output.stderr, &hidden)]);
        }
        self.objects(chart, &output.stdout).map(|objects| (objects, false))
    }

    #[expect(clippy::unused_self, reason = "it reads what this helm has said")]
    fn objects(&self, chart: &Chart, text: &[u8]) -> Result<Vec<Object>, Vec<Problem>> {
        parse(&String::from_utf8_lossy(text), &format!("chart {}", chart.name))
    }
}

fn refused(source: &str, said: &str, hidden: &Hidden) -> Problem {
    let reason = reason(said);
    Problem::new(source, format!("the chart does not render: {}", hidden.in_text(&reason)), remedy(&reason))
}

fn made_anew(once: &[Object], again: &[Object]) -> BTreeMap<Key, Vec<String>> {
    let others: BTreeMap<Key, &Object> = again.iter().map(|object| (object.key(), object)).collect();
    let different = once.iter().filter_map(|object| {
        let key = object.key();
        let places = anew::differing(&object.0, &others.get(&key)?.0);
        (!places.is_empty()).then_some((key, places))
    });
    different.collect()
}

/// What a CRD lets a cluster serve, as charts ask for it.
pub(crate) fn brought(crd: &Object) -> Vec<String> {
    let text = |path: &[&str]| crd.text(path).unwrap_or_default().to_owned();
    let (group, kind) = (text(&["spec", "group"]), text(&["spec", "names", "kind"]));
    let versions = crd.at(&["spec", "versions"]).and_then(serde_json::Value::as_array);
    let names = versions.into_iter().flatten().filter_map(|version| version.get("name")?.as_str());
    names.flat_map(|name| [format!("{group}/{name}"), format!("{group}/{name}/{kind}")]).collect()
}
