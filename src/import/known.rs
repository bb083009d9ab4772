//! What is generally known of an image by its name.

/// Which user an image runs as, when nothing says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ImageUser {
    /// These numbers; it is able to start as them.
    Number(u32),
    /// It starts as root, and has to.
    Root,
    /// Not known.
    Unknown,
}

/// What is known of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The last part of its name.
    pub(super) name: &'static str,
    /// The ports that it listens on by itself.
    pub(super) ports: &'static [u16],
    /// Its user.
    pub(super) user: ImageUser,
    /// Its user in the image's alpine version.
    pub(super) alpine_user: ImageUser,
    /// Does it keep data?
    pub(super) is_store: bool,
    /// Where its data is.
    pub(super) data: &'static str,
}

const fn store(
    name: &'static str,
    ports: &'static [u16],
    user: u32,
    alpine: u32,
    data: &'static str,
) -> Known {
    Known {
        name,
        ports,
        user: ImageUser::Number(user),
        alpine_user: ImageUser::Number(alpine),
        is_store: true,
        data,
    }
}

const fn server(name: &'static str, ports: &'static [u16], user: ImageUser) -> Known {
    Known { name, ports, user, alpine_user: user, is_store: false, data: "" }
}

const ROOT: ImageUser = ImageUser::Root;

const IMAGES: &[Known] = &[
    store("postgres", &[5432], 999, 70, "/var/lib/postgresql/data"),
    store("postgresql", &[5432], 1001, 1001, "/bitnami/postgresql"),
    store("postgis", &[5432], 999, 70, "/var/lib/postgresql/data"),
    store("timescaledb", &[5432], 1000, 70, "/var/lib/postgresql/data"),
    store("pgvector", &[5432], 999, 999, "/var/lib/postgresql/data"),
    store("mysql", &[3306], 999, 999, "/var/lib/mysql"),
    store("mariadb", &[3306], 999, 999, "/var/lib/mysql"),
    store("mongo", &[27017], 999, 999, "/data/db"),
    store("redis", &[6379], 999, 999, "/data"),
    store("valkey", &[6379], 999, 999, "/data"),
    store("rabbitmq", &[5672], 999, 100, "/var/lib/rabbitmq"),
    store("elasticsearch", &[9200], 1000, 1000, "/usr/share/elasticsearch/data"),
    store("opensearch", &[9200], 1000, 1000, "/usr/share/opensearch/data"),
    store("cassandra", &[9042], 999, 999, "/var/lib/cassandra"),
    store("clickhouse-server", &[8123, 9000], 101, 101, "/var/lib/clickhouse"),
    store("influxdb", &[8086], 1000, 1000, "/var/lib/influxdb2"),
    store("zookeeper", &[2181], 1000, 1000, "/data"),
    store("neo4j", &[7474, 7687], 7474, 7474, "/data"),
    store("minio", &[9000], 1000, 1000, "/data"),
    store("meilisearch", &[7700], 1000, 1000, "/meili_data"),
    store("prometheus", &[9090], 65534, 65534, "/prometheus"),
    store("grafana", &[3000], 472, 472, "/var/lib/grafana"),
    store("loki", &[3100], 10001, 10001, "/loki"),
    store("jenkins", &[8080], 1000, 1000, "/var/jenkins_home"),
    server("memcached", &[11211], ImageUser::Number(11211)),
    server("nats", &[4222], ImageUser::Number(1000)),
    server("nginx-unprivileged", &[8080], ImageUser::Number(101)),
    server("haproxy", &[], ImageUser::Number(99)),
    server("mailhog", &[1025, 8025], ImageUser::Number(1000)),
    server("mailpit", &[1025, 8025], ImageUser::Number(1000)),
    server("nginx", &[80], ROOT),
    server("httpd", &[80], ROOT),
    server("traefik", &[80], ROOT),
    server("caddy", &[80], ROOT),
    server("wordpress", &[80], ROOT),
    server("nextcloud", &[80], ROOT),
    server("phpmyadmin", &[80], ROOT),
    server("adminer", &[8080], ImageUser::Unknown),
];

/// What is known of the image of this name, without registry, tag and digest.
pub(super) fn of(image: &str) -> Option<&'static Known> {
    let last = image.rsplit('/').next().unwrap_or(image);
    IMAGES.iter().find(|known| known.name == last)
}

/// The number of a user that images commonly know by this name.
pub(super) fn user_number(name: &str) -> Option<u32> {
    match name {
        "node" => Some(1000),
        "nobody" => Some(65534),
        "www-data" => Some(33),
        "daemon" => Some(1),
        "nginx" => Some(101),
        "mysql" | "postgres" | "redis" | "mongodb" => Some(999),
        "grafana" => Some(472),
        _ => None,
    }
}
