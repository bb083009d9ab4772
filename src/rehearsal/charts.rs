//! The stand-in charts, carried inside this program: small charts with the names and kinds of the real
//! ones, and no software. See `rehearsal/charts/README.md`.

use std::io;
use std::path::Path;

/// A file of a chart: its path there, its text.
type File = (&'static str, &'static str);

macro_rules! chart {
    ($name:literal: $($path:literal)*) => {
        ($name, &[$(($path, include_str!(concat!("../../rehearsal/charts/", $name, "/", $path)))),*])
    };
}

const CHARTS: [(&str, &[File]); 8] = [
    chart!("alloy":
        ".helmignore" "Chart.yaml" "templates/NOTES.txt" "templates/_stand-in.tpl" "templates/alloy.yaml"
        "values.schema.json" "values.yaml"),
    chart!("cert-manager":
        ".helmignore" "Chart.yaml" "templates/NOTES.txt" "templates/_stand-in.tpl" "templates/cert-manager.yaml"
        "templates/crds.yaml" "values.schema.json" "values.yaml"),
    chart!("ingress-nginx":
        ".helmignore" "Chart.yaml" "templates/NOTES.txt" "templates/_stand-in.tpl" "templates/controller.yaml"
        "values.schema.json" "values.yaml"),
    chart!("jaeger":
        ".helmignore" "Chart.yaml" "templates/NOTES.txt" "templates/_stand-in.tpl" "templates/jaeger.yaml"
        "values.schema.json" "values.yaml"),
    chart!("jaeger-operator":
        ".helmignore" "Chart.yaml" "crds/jaegers.jaegertracing.io.yaml" "templates/NOTES.txt"
        "templates/_stand-in.tpl" "templates/jaeger.yaml" "templates/operator.yaml" "values.schema.json"
        "values.yaml"),
    chart!("kube-prometheus-stack":
        ".helmignore" "Chart.yaml" "charts/crds/Chart.yaml"
        "charts/crds/crds/alertmanagerconfigs.monitoring.coreos.com.yaml"
        "charts/crds/crds/alertmanagers.monitoring.coreos.com.yaml"
        "charts/crds/crds/podmonitors.monitoring.coreos.com.yaml"
        "charts/crds/crds/probes.monitoring.coreos.com.yaml"
        "charts/crds/crds/prometheusagents.monitoring.coreos.com.yaml"
        "charts/crds/crds/prometheuses.monitoring.coreos.com.yaml"
        "charts/crds/crds/prometheusrules.monitoring.coreos.com.yaml"
        "charts/crds/crds/scrapeconfigs.monitoring.coreos.com.yaml"
        "charts/crds/crds/servicemonitors.monitoring.coreos.com.yaml"
        "charts/crds/crds/thanosrulers.monitoring.coreos.com.yaml" "charts/crds/values.yaml"
        "templates/NOTES.txt" "templates/_names.tpl" "templates/_stand-in.tpl" "templates/alertmanager.yaml"
        "templates/exporters.yaml" "templates/grafana.yaml" "templates/operator.yaml" "templates/prometheus.yaml"
        "templates/rules.yaml" "values.schema.json" "values.yaml"),
    chart!("loki":
        ".helmignore" "Chart.yaml" "templates/NOTES.txt" "templates/_stand-in.tpl" "templates/loki.yaml"
        "values.schema.json" "values.yaml"),
    chart!("traefik":
        ".helmignore" "Chart.yaml" "crds/ingressroutes.traefik.io.yaml" "crds/middlewares.traefik.io.yaml"
        "crds/tlsoptions.traefik.io.yaml" "templates/NOTES.txt" "templates/_stand-in.tpl"
        "templates/traefik.yaml" "values.schema.json" "values.yaml"),
];

/// The names of the charts that have a stand-in.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    CHARTS.into_iter().map(|(name, _)| name)
}

/// Writes a chart's files into `folder`.
pub(super) fn write(name: &str, folder: &Path) -> io::Result<()> {
    let files = CHARTS.into_iter().filter(|(known, _)| *known == name).flat_map(|(_, files)| files);
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(inner) = path.parent() {
            std::fs::create_dir_all(inner)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files_below(folder: &Path, found: &mut Vec<String>, root: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files_below(&path, found, root);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }

    #[test]
    fn every_file_of_every_chart_is_carried() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rehearsal/charts");
        let mut there = Vec::new();
        for entry in std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                files_below(&entry, &mut there, &root);
            }
        }
        there.retain(|path| !path.starts_with("cert-manager/files/"));
        there.sort();
        let carried = CHARTS
            .into_iter()
            .flat_map(|(name, files)| files.iter().map(move |(path, _)| format!("{name}/{path}")));
        let mut carried: Vec<String> = carried.collect();
        carried.sort();
        assert_eq!(there, carried);
    }
}
