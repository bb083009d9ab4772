use serde_json::{Value, json};

use super::{super::Fate, services, with_files};

#[test]
fn a_service_listens_under_the_containers_number() {
    let imported = services(
        "  web:\n    image: a/web:1\n    ports: ['80:3000', '9000:9000/udp', '127.0.0.1:9229:9229']\n",
    );
    let ports = &imported.base("web-service.yml")[0]["spec"]["ports"];
    assert_eq!(
        *ports,
        json!([
            {"name": "http", "port": 3000, "targetPort": "http"},
            {"name": "udp-9000", "port": 9000, "targetPort": "udp-9000", "protocol": "UDP"},
            {"name": "tcp-9229", "port": 9229, "targetPort": "tcp-9229"},
        ])
    );
    assert!(imported.fate("services.web.ports[0]").1.contains("the Ingress of week 4"));
    assert!(imported.fate("services.web.ports[2]").1.contains("port-forward"));
    assert!(imported.asks("its port 9000 (UDP"));
}

#[test]
fn a_port_that_only_others_name_is_found() {
    let imported = services(
        "  web:\n    image: a/web:1\n    environment: {API: 'http://api:4321/v1'}\n  api:\n    image: a/api:1\n  db:\n    image: mariadb:11\n",
    );
    assert_eq!(imported.base("api-service.yml")[0]["spec"]["ports"][0]["port"], 4321);
    assert_eq!(imported.base("db-service.yml")[0]["spec"]["ports"][0]["port"], 3306);
    assert!(imported.notes("API of web names it"));
}

#[test]
fn a_service_without_a_known_port_resolves_to_its_pods() {
    let imported =
        services("  web:\n    image: a/web:1\n    environment: {HOST: api}\n  api:\n    image: a/api:1\n");
    assert_eq!(imported.base("api-service.yml")[0]["spec"]["clusterIP"], "None");
    assert!(!imported.files.contains_key("kubernetes/base/web-service.yml"), "nobody asks it");
}

#[test]
fn aliases_links_and_container_names_are_services() {
    let imported = services(
        "  web:\n    image: a/web:1\n    links: ['db:database']\n    environment: {CACHE: 'redis://shop-cache:6379'}\n  \
         db:\n    image: postgres:16\n    networks: {default: {aliases: [primary]}}\n  cache:\n    image: redis:7\n    container_name: shop-cache\n",
    );
    let names = |file: &str| -> Vec<Value> {
        imported.base(file).iter().map(|object| object["metadata"]["name"].clone()).collect()
    };
    assert_eq!(names("db-service.yml"), ["db", "primary", "database"]);
    assert_eq!(names("cache-service.yml"), ["cache", "shop-cache"]);
}

#[test]
fn a_name_that_kubernetes_refuses_is_changed_where_it_is_used() {
    let imported = services(
        "  web:\n    image: a/web:1\n    environment: {API: 'http://my_api:80/my_api'}\n  my_api:\n    image: a/api:1\n",
    );
    assert_eq!(imported.base("web-config.yml")[0]["data"]["API"], "http://my-api:80/my_api");
    assert!(imported.fate("services.web.environment.API").1.contains("my_api is my-api"));
}

#[test]
fn networks_decide_who_may_ask_whom() {
    let imported = with_files(
        "services:\n  web:\n    image: a/web:1\n    networks: [front, back]\n    ports: ['8080:8080']\n  db:\n    image: postgres:16\n    networks: [back]\n  \
         alone:\n    image: a/alone:1\n    networks: [front]\n  off:\n    image: a/off:1\n    network_mode: none\n\
         networks:\n  front:\n  back: {internal: true}\n",
        &[],
    );
    let policies = imported.base("network-policy.yml");
    let policy = |name: &str| {
        policies.iter().find(|policy| policy["metadata"]["name"] == name).map(|policy| policy["spec"].clone())
    };
    assert_eq!(policy("default-deny").unwrap()["podSelector"], json!({}));
    let to_db = policy("allow-to-db").unwrap();
    assert_eq!(
        to_db["ingress"][0]["from"],
        json!([{"podSelector": {"matchLabels": {"network-back": "member"}}}])
    );
    assert_eq!(to_db["ingress"][0]["ports"], json!([{"protocol": "TCP", "port": "postgres"}]));
    let world = policy("allow-world").unwrap();
    assert_eq!(
        world["podSelector"]["matchExpressions"][0]["values"],
        json!(["alone", "web"]),
        "db and off stay inside"
    );
    assert!(policy("allow-entry-to-web").is_some() && policy("allow-to-alone").is_none());
    let labels = &imported.base("web-deployment.yml")[0]["spec"]["template"]["metadata"]["labels"];
    assert_eq!((&labels["network-front"], &labels["network-back"]), (&json!("member"), &json!("member")));
}

#[test]
fn a_fixed_address_becomes_a_name() {
    let imported = with_files(
        "services:\n  db:\n    image: postgres:16\n    networks: {lan: {ipv4_address: 172.20.0.5}}\n  web:\n    image: a/web:1\n    networks: [lan]\n    \
         environment: {DB_HOST: 172.20.0.5}\nnetworks:\n  lan: {ipam: {config: [{subnet: 172.20.0.0/16}]}}\n",
        &[],
    );
    let (fate, told) = imported.fate("services.db.networks.lan.ipv4_address");
    assert_eq!(fate, Fate::NotMapped);
    assert!(told.contains("web (DB_HOST): write db there"), "{told}");
    assert!(imported.asks("who else uses the address 172.20.0.5"));
}

#[test]
fn the_network_of_the_host_is_a_question() {
    let imported = services(
        "  web:\n    image: a/web:1\n    network_mode: host\n  side:\n    image: a/side:1\n    network_mode: service:web\n",
    );
    assert_eq!(imported.pod("web-deployment")["hostNetwork"], json!(null));
    assert!(imported.asks("why is it in the host's network"));
    assert!(imported.fate("services.side.network_mode").1.contains("sidecar"));
}
