//! The charts that the shipped plans install: their values, and the stand-ins that a rehearsal has for them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

const PLANS: [&str; 2] = ["plans/phase-2/plan.yaml", "plans/phase-2/plan-as-written.yaml"];
const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];
const STAND_INS: &str = "rehearsal/charts";

/// A helm step as the plan's file has it.
struct Release {
    step: String,
    chart: String,
    version: String,
    values: Vec<String>,
}

fn yaml(path: impl AsRef<Path>) -> Value {
    let path = path.as_ref();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn releases() -> Vec<Release> {
    let mut found = Vec::new();
    for plan in PLANS {
        let plan = yaml(plan);
        for step in items(&plan["stages"]).flat_map(|stage| items(&stage["steps"])) {
            let helm = &step["helm"];
            if helm.is_null() {
                continue;
            }
            let address = text(helm, "chart");
            assert_eq!(address.starts_with("oci://"), helm["repository"].is_null(), "{address}");
            found.push(Release {
                step: text(step, "id"),
                chart: address.rsplit('/').next().unwrap().to_owned(),
                version: text(helm, "version"),
                values: items(&helm["values"]).map(|file| file.as_str().unwrap().to_owned()).collect(),
            });
        }
    }
    found
}

fn stand_ins() -> Vec<PathBuf> {
    let entries = fs::read_dir(STAND_INS).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The values that a release gets in an environment, each with the path that it is set by.
fn values(release: &Release, environment: &str) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    for file in &release.values {
        let file = file.replace("${environment}", environment);
        flatten("", &yaml(Path::new("plans/phase-2").join(file)), &mut leaves);
    }
    leaves
}

fn flatten(path: &str, value: &Value, leaves: &mut BTreeMap<String, Value>) {
    match value.as_object() {
        Some(fields) if !fields.is_empty() => {
            for (name, below) in fields {
                flatten(&format!("{path}/{name}"), below, leaves);
            }
        }
        _ => {
            leaves.insert(path.to_owned(), value.clone());
        }
    }
}

#[test]
fn every_chart_has_a_stand_in_of_its_name_and_version() {
    let releases = releases();
    for release in &releases {
        let chart = yaml(Path::new(STAND_INS).join(&release.chart).join("Chart.yaml"));
        assert_eq!(text(&chart, "name"), release.chart);
        assert_eq!(text(&chart, "version"), release.version, "{}", release.chart);
    }
    let wanted: BTreeSet<&str> = releases.iter().map(|release| release.chart.as_str()).collect();
    assert_eq!(wanted.len(), stand_ins().len(), "a stand-in that no plan installs");
}

#[test]
fn every_stand_in_says_that_it_is_one() {
    let common = fs::read_to_string(Path::new(STAND_INS).join("alloy/templates/_stand-in.tpl")).unwrap();
    assert_eq!(common.matches(r#"migrate-tui/stand-in: "true""#).count(), 2);
    for folder in stand_ins() {
        let place = folder.display();
        let chart = yaml(folder.join("Chart.yaml"));
        assert_eq!(text(&chart, "appVersion"), "stand-in", "{place}");
        assert!(text(&chart, "description").starts_with("STAND-IN"), "{place}");
        let notes = fs::read_to_string(folder.join("templates/NOTES.txt")).unwrap();
        assert!(notes.starts_with("This is a STAND-IN"), "{place}");
        let own = fs::read_to_string(folder.join("templates/_stand-in.tpl")).unwrap();
        assert_eq!(own, common, "{place}: the file is the same in each chart");
    }
}

#[test]
fn every_value_that_is_set_has_an_effect_on_the_stand_in() {
    for release in releases() {
        let known = yaml(Path::new(STAND_INS).join(&release.chart).join("values.yaml"));
        for environment in ENVIRONMENTS {
            for path in values(&release, environment).keys() {
                let mut here = &known;
                for name in path.split('/').skip(1) {
                    // What is below an empty mapping is the user's own.
                    if here.as_object().is_none_or(serde_json::Map::is_empty) {
                        break;
                    }
                    here = here.get(name).unwrap_or_else(|| {
                        panic!("{environment}, {}: {} does not know {path}", release.step, release.chart)
                    });
                }
            }
        }
    }
}

#[test]
fn the_values_of_the_environments_differ_and_none_lacks_what_the_others_have() {
    for release in releases() {
        let of = ENVIRONMENTS.map(|environment| values(&release, environment));
        let [dev, staging, prod] = &of;
        let names = |values: &BTreeMap<String, Value>| values.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(dev), names(staging), "{}", release.step);
        assert_eq!(names(dev), names(prod), "{}", release.step);
        for (one, other) in [(dev, staging), (staging, prod), (dev, prod)] {
            let differing = one.iter().filter(|(path, value)| other.get(*path) != Some(value)).count();
            assert!(differing >= 3, "{}: {differing} values differ", release.step);
        }
    }
}

#[test]
fn hosts_and_issuers_in_the_values_are_the_environments_own() {
    let plan = yaml(PLANS[0]);
    for (environment, issuer) in [
        ("dev", "letsencrypt-staging"),
        ("staging", "letsencrypt-staging"),
        ("prod", "letsencrypt-production"),
    ] {
        let found = items(&plan["environments"]).find(|one| one["name"] == environment).unwrap();
        let host = text(&found["variables"], "host");
        let grafana = &yaml(format!("plans/phase-2/helm/prometheus/{environment}.yaml"))["grafana"];
        let ingress = &grafana["ingress"];
        assert_eq!(ingress["hosts"], serde_json::json!([format!("grafana.{host}")]));
        assert_eq!(ingress["tls"][0]["hosts"], ingress["hosts"]);
        assert_eq!(ingress["annotations"]["cert-manager.io/cluster-issuer"], issuer);
        assert_eq!(grafana["grafana.ini"]["server"]["root_url"], format!("https://grafana.{host}"));
    }
}

#[test]
fn a_namespace_of_a_chart_is_a_step_before_it() {
    for (plan, already) in PLANS.into_iter().zip([&[][..], &["monitoring"]]) {
        let mut made: BTreeSet<String> = already.iter().map(|&name| name.to_owned()).collect();
        let plan = yaml(plan);
        for step in items(&plan["stages"]).flat_map(|stage| items(&stage["steps"])) {
            for path in items(&step["manifests"]["paths"]).filter_map(Value::as_str) {
                if path.starts_with("namespaces/") {
                    made.insert(text(&yaml(Path::new("plans/phase-2").join(path))["metadata"], "name"));
                }
            }
            if !step["helm"].is_null() {
                let namespace = text(&step["helm"], "namespace");
                assert!(made.contains(&namespace), "{}: {namespace} is not there yet", step["id"]);
            }
        }
    }
}
