//! Hosts with a region: which of their labels sign under another name.
//!
//! A host with a region that is not in these tables signs as the label next to its region: `sqs.us-west-2` as `sqs`,
//! `api.ecr.us-west-2` as `ecr`. So only what differs needs a row. `dualstack` and `fips` are gone before the look-up.
//!
//! To add a row: write the labels as they stand in the host. `*.` is at least one label more, `name-*` a label that starts so. The row with the most
//! labels wins, so their order is free; keep what signs under one name together.

/// Labels left of the region, and the name they sign as.
pub(super) static BEFORE_REGION: &[(&str, &str)] = &[
    // API-like data planes, whose hosts start with the customer's own identifier
    ("appsync-api", "appsync"),
    ("appsync-realtime-api", "appsync"),
    ("aps-workspaces", "aps"),
    ("control-kinesis", "kinesis"),
    ("control-kinesis-queues", "kinesis"),
    ("data-kinesis", "kinesis"),
    ("data-kinesis-queues", "kinesis"),
    ("ddb", "dynamodb"),
    ("search-ddb", "dynamodb"),
    ("streams-ddb", "dynamodb"),
    ("lambda-url", "lambda"),
    // OpenSearch, both for its domains (`domain.aos.region.on.aws`) and its own API
    ("aos", "es"),
    // IoT: one account's devices; the API itself is `iot.region`
    ("*.iot", "iotdata"),
    ("greengrass-ats.iot", "greengrass"),
    ("*.jobs.iot", "iot-jobs-data"),
    ("api.iot-tunneling", "IoTSecuredTunneling"),
    ("api.tunneling.iot", "IoTSecuredTunneling"),
    // Kafka brokers (`b-1.cluster.id.c2.kafka.region`), which take presigned tokens; the API itself is `kafka.region`
    ("*.kafka", "kafka-cluster"),
    ("*.kafka-serverless", "kafka-cluster"),
    // S3's family: whatever stands further left is a bucket or an access point, and may look like anything
    ("s3-accelerate", "s3"),
    ("s3-accesspoint", "s3"),
    ("s3-control", "s3"),
    ("s3express-*", "s3express"),
    // Amazon Location, second generation; its first is `geo`, told apart by the path
    ("maps.geo", "geo-maps"),
    ("places.geo", "geo-places"),
    ("routes.geo", "geo-routes"),
    // services that sign under another name than their host's
    ("account-access-runtime", "account-access"),
    ("acm-acme", "acm"),
    ("agent-registry-control", "agent-registry"),
    ("agreement-marketplace", "aws-marketplace"),
    ("catalog-marketplace", "aws-marketplace"),
    ("catalog.marketplace", "aws-marketplace"),
    ("deployment-marketplace", "aws-marketplace"),
    ("discovery-marketplace", "aws-marketplace"),
    ("entitlement-marketplace", "aws-marketplace"),
    ("entitlement.marketplace", "aws-marketplace"),
    ("metering-marketplace", "aws-marketplace"),
    ("metering.marketplace", "aws-marketplace"),
    ("reporting-marketplace", "aws-marketplace"),
    ("arc-region-switch-control-plane", "arc-region-switch"),
    ("appconfigdata", "appconfig"),
    ("appstream2", "appstream"),
    ("portal.sso", "awsssoportal"),
    ("bedrock-agent", "bedrock"),
    ("bedrock-agent-runtime", "bedrock"),
    ("bedrock-data-automation", "bedrock"),
    ("bedrock-data-automation-runtime", "bedrock"),
    ("bedrock-runtime", "bedrock"),
    ("bedrock-agentcore-control", "bedrock-agentcore"),
    ("cassandra-streams", "cassandra"),
    ("identity-chime", "chime"),
    ("media-pipelines-chime", "chime"),
    ("meetings-chime", "chime"),
    ("messaging-chime", "chime"),
    ("voice-chime", "chime"),
    ("cloudhsmv2", "cloudhsm"),
    ("cloudsearchdomain", "cloudsearch"),
    ("cloudwatch-omni", "cloudwatch"),
    ("git-codecommit", "codecommit"),
    ("contact-lens", "connect"),
    ("search-dynamodb", "dynamodb"),
    ("streams-dynamodb", "dynamodb"),
    ("efs", "elasticfilesystem"),
    ("eventsv2", "events"),
    ("participant.connect", "execute-api"),
    ("forecastquery", "forecast"),
    ("iam-toolbox", "iam"),
    ("ivsrealtime", "ivs"),
    ("kafka-api", "kafka"),
    ("kinesis-queues", "kinesis"),
    ("data-lakeformation", "lakeformation"),
    ("query-lakeformation", "lakeformation"),
    ("models-v2-lex", "lex"),
    ("runtime-v2-lex", "lex"),
    ("stream-logs", "logs"),
    ("runtime-medical-imaging", "medical-imaging"),
    ("memory-db", "memorydb"),
    ("migrationhub-config", "mgh"),
    ("pinpoint", "mobiletargeting"),
    ("analytics-omics", "omics"),
    ("control-storage-omics", "omics"),
    ("storage-omics", "omics"),
    ("tags-omics", "omics"),
    ("workflows-omics", "omics"),
    ("personalize-events", "personalize"),
    ("personalize-runtime", "personalize"),
    ("arc-recovery-control-config", "route53-recovery-control-config"),
    ("servicecatalog-appregistry", "servicecatalog"),
    ("data-servicediscovery", "servicediscovery"),
    ("email", "ses"),
    ("email-smtp", "ses"),
    ("mail-manager", "ses"),
    ("data-signer", "signer"),
    ("sms-voice.pinpoint", "sms-voice"),
    ("oidc", "sso-oauth"),
    ("sync-states", "states"),
    ("timestream-ingest", "timestream"),
    ("timestream-query", "timestream"),
    ("transcribestreaming", "transcribe"),
    ("wellarchitected-agent", "wellarchitected"),
];

/// Labels right of the region (`search-books-abc.us-east-1.es.amazonaws.com`), and the name they sign as.
pub(super) static AFTER_REGION: &[(&str, &str)] = &[
    ("aoss", "aoss"),
    ("cloudsearch", "cloudsearch"),
    ("elasticmapreduce", "elasticmapreduce"),
    ("es", "es"),
    ("neptune", "neptune-db"),
    ("neptune-graph", "neptune-graph"),
    ("queue", "sqs"),
    // presigned login tokens
    ("rds", "rds-db"),
    ("oauth", "signin"),
    ("signin", "signin"),
];

/// Hosts under AWS's names, left or right of the region, whose requests AWS does not verify, and why.
pub(super) static NOT_SIGNED: &[(&str, &str)] = &[
    ("compute", "an EC2 instance's own name: what runs there decides"),
    ("compute-1", "an EC2 instance's own name: what runs there decides"),
    ("elb", "a load balancer: what runs behind it decides"),
    ("s3-website*", "S3's website hosts are public and read no signature; the bucket's REST host does"),
    ("vpce-svc-*", "an endpoint of somebody's own VPC endpoint service: what runs behind it decides"),
    ("vpc-lattice-rsc", "a VPC Lattice resource: what runs behind it decides"),
    ("codecatalyst.global", "CodeCatalyst takes a bearer token"),
    ("*.credentials.iot", "IoT's credential provider takes a client certificate"),
];

/// Services that are signed for the partition's global region, whatever region the host names.
pub(super) static FOR_GLOBAL_REGION: &[&str] = &["sustainability"];

/// Services whose signing name depends on the path as well: the name by host, how the path starts, the name then.
pub(super) static BY_PATH: &[(&str, &str, &str)] = &[
    ("iotdata", "/mqtt", "iotdevicegateway"),
    ("geo-maps", "/maps/v0/", "geo"),
    ("geo-places", "/places/v0/", "geo"),
    ("geo-routes", "/routes/v0/", "geo"),
];
