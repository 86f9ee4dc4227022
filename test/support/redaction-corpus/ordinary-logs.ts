import type { Random } from './random.ts';

/** Makes one line as a program writes it that has nothing of a person and no secret in it. */
export type MakeLine = (random: Random) => string;

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const HOSTS = 'web-1 db-02 combo LabSZ node-17 kube-master ip-worker api'.split(' ');
const WORDS = 'checkout orders users billing session auth mail cache search gateway'.split(' ');

function clock(random: Random): string {
  return `${random.two(0, 23)}:${random.two(0, 59)}:${random.two(0, 59)}`;
}

function compactClock(random: Random): string {
  return clock(random).replaceAll(':', '');
}

function compactDate(random: Random): string {
  return `${random.between(2008, 2027)}${random.two(1, 12)}${random.two(1, 28)}`;
}

function date(random: Random): string {
  return compactDate(random).replace(/(.{4})(..)(..)/u, '$1-$2-$3');
}

function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((length) => random.hex(length)).join('-');
}

/** Version of four parts that are all small enough for an address. */
function version(random: Random): string {
  return [
    random.between(1, 12),
    random.between(0, 9),
    random.between(0, 99),
    random.between(0, 9),
  ].join('.');
}

function pid(random: Random): string {
  return String(random.between(100, 99_999));
}

const SYSLOG: readonly MakeLine[] = [
  (r) => `sshd[${pid(r)}]: pam_unix(sshd:auth): check pass; user unknown`,
  (r) =>
    `sshd[${pid(r)}]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=`,
  (r) =>
    `kernel: [${r.digits(5)}.${r.digits(6)}] EXT4-fs (sda${r.between(1, 9)}): mounted filesystem`,
  (r) => `CRON[${pid(r)}]: (root) CMD (cd / && run-parts --report /etc/cron.hourly)`,
  (r) => `systemd[1]: Started Session ${r.between(1, 9999)} of user root.`,
  (r) => `su(pam_unix)[${pid(r)}]: session opened for user news by (uid=0)`,
  (r) =>
    `sudo: deploy : TTY=pts/0 ; PWD=/srv/${r.pick(WORDS)} ; USER=root ; COMMAND=/usr/bin/apt update`,
  (r) => `dhcpd: lease ${r.hex(8)} expires in ${r.digits(6)} seconds`,
  (r) => `logrotate: ALERT exited abnormally with [${r.between(1, 9)}]`,
  (r) => `gpm[${pid(r)}]: *** info [mice.c(1766)]:`,
];

const HDFS: readonly MakeLine[] = [
  (r) =>
    `${compactDate(r).slice(2)} ${compactClock(r)} ${r.between(10, 99_999)} INFO dfs.DataNode$PacketResponder: PacketResponder ${r.between(0, 2)} for block blk_${r.pick(['', '-'])}${r.id64()} terminating`,
  (r) =>
    `${compactDate(r).slice(2)} ${compactClock(r)} ${r.between(10, 99_999)} INFO dfs.FSNamesystem: BLOCK* NameSystem.delete: blk_${r.id64()} is added to invalidSet`,
  (r) =>
    `${compactDate(r).slice(2)} ${compactClock(r)} ${r.between(10, 999)} INFO dfs.FSDataset: Deleting block blk_-${r.id64()} file /mnt/hadoop/dfs/data/current/subdir${r.between(0, 63)}/blk_-${r.id64()}`,
  (r) => `INFO dfs.DataNode: Received block blk_${r.id64()} of size ${r.between(1000, 67_108_864)}`,
];

const JAVA: readonly MakeLine[] = [
  (r) =>
    `${date(r)} ${clock(r)},${r.digits(3)} - INFO  [main:QuorumPeerConfig@${r.between(10, 999)}] - Defaulting to majority quorums`,
  (r) =>
    `${date(r)} ${clock(r)},${r.digits(3)} - WARN  [SendWorker:${r.id64()}:QuorumCnxManager$SendWorker@688] - Send worker leaving thread`,
  (r) =>
    `${date(r)} ${clock(r)},${r.digits(3)} - INFO  [SyncThread:0:FileTxnLog@199] - Creating new log file: log.${r.hex(9)}`,
  (r) =>
    `${date(r)} ${clock(r)},${r.digits(3)} - INFO  Expiring session 0x${r.hex(15)}, timeout of 10000ms exceeded`,
  (r) =>
    `${date(r).slice(2).replaceAll('-', '/')} ${clock(r)} INFO storage.MemoryStore: Block broadcast_${r.between(0, 99)} stored as values in memory (estimated size ${r.digits(3)}.0 B, free ${r.digits(3)}.2 KB)`,
  (r) =>
    `${date(r).slice(2).replaceAll('-', '/')} ${clock(r)} INFO executor.Executor: Running task ${r.digits(2)}.0 in stage ${r.digits(2)}.0 (TID ${r.digits(4)})`,
  (r) =>
    `INFO Remoting: Remoting started; listening on addresses :[akka.tcp://sparkDriver@node-${r.between(1, 99)}:${r.between(1024, 65_535)}]`,
  (r) =>
    `INFO rdd.HadoopRDD: Input split: hdfs://node-${r.between(1, 99)}:9000/data/part-${r.digits(5)}:${r.digits(8)}+${r.digits(8)}`,
  (r) =>
    `[GC (Allocation Failure) [PSYoungGen: ${r.digits(7)}K->${r.digits(6)}K(${r.digits(7)}K)] ${r.digits(8)}K->${r.digits(8)}K, 0.${r.digits(7)} secs]`,
  (r) => `#  SIGSEGV (0xb) at pc=0x${r.hex(16)}, pid=${pid(r)}, tid=0x${r.hex(16)}`,
  (r) =>
    `\tat com.example.${r.pick(WORDS)}.Service$1.run(Service.java:${r.between(1, 999)}) ~[app-${version(r)}.jar:${version(r)}]`,
  (r) =>
    `Started Application in ${r.digits(1)}.${r.digits(3)} seconds (JVM running for ${r.digits(1)}.${r.digits(3)})`,
];

const WEB: readonly MakeLine[] = [
  (r) =>
    `[${r.two(1, 28)}/${r.pick(MONTHS)}/2026:${clock(r)} +0000] "GET /${r.pick(WORDS)}/${r.digits(6)}?page=${r.between(1, 9)}&sort=name&limit=50 HTTP/1.1" 200 ${r.digits(5)} "-" "curl/8.5.0"`,
  (r) =>
    `[error] ${pid(r)}#${pid(r)}: *${r.digits(8)} open() "/usr/share/nginx/html/${r.pick(WORDS)}.ico" failed (2: No such file or directory)`,
  (r) =>
    `upstream timed out (110: Connection timed out) while reading response header, request: "POST /${r.pick(WORDS)} HTTP/2.0"`,
  (r) =>
    `GET /v${r.between(1, 3)}/${r.pick(WORDS)}/${uuid(r)} 404 ${r.digits(1)}.${r.digits(3)} ms`,
  (r) =>
    `request_id=${uuid(r)} status=200 bytes=${r.digits(7)} upstream_response_time=0.${r.digits(3)}`,
  (r) => `etag: W/"${r.hex(4)}-${r.opaque(27)}"`,
  (r) =>
    `{"level":30,"time":17${r.digits(11)},"pid":${pid(r)},"hostname":"${r.pick(HOSTS)}","responseTime":${r.digits(3)},"msg":"request completed"}`,
];

const CLOUD: readonly MakeLine[] = [
  (r) =>
    `I${r.two(1, 12)}${r.two(1, 28)} ${clock(r)}.${r.digits(6)}       1 reconciler.go:${r.digits(3)}] "Reconciler: start to sync state"`,
  (r) =>
    `kubelet[${pid(r)}]: E${r.two(1, 12)}${r.two(1, 28)} ${clock(r)}.${r.digits(6)} pod_workers.go:191] Error syncing pod ${uuid(r)} ("${r.pick(WORDS)}-${r.hex(10)}-${r.text('bcdfghjklmnpqrstvwxz2456789', 5)}")`,
  (r) =>
    `Pulled image "registry.example/${r.pick(WORDS)}@sha256:${r.hex(64)}" in ${r.digits(1)}.${r.digits(9)}s`,
  (r) =>
    `nova.compute.manager [req-${uuid(r)} ${r.hex(32)} ${r.hex(32)} - - -] [instance: ${uuid(r)}] VM Started (Lifecycle Event)`,
  (r) =>
    `arn:aws:lambda:sa-east-1:${r.digits(12)}:function:${r.pick(WORDS)} REPORT Duration: ${r.digits(3)}.${r.digits(2)} ms`,
  (r) => `trace_id=${r.hex(32)} span_id=${r.hex(16)} sampled=true`,
  (r) =>
    `offset=${r.id64()} partition=${r.between(0, 31)} lag=${r.digits(5)} topic=${r.pick(WORDS)}`,
  (r) => `snowflake ${r.id64()} assigned to shard ${r.between(0, 9)}`,
  (r) => `{"id":"${r.id64()}","kind":"${r.pick(WORDS)}"}`,
  (r) => `commit ${r.hex(40)} merged into main`,
];

const DEVICES: readonly MakeLine[] = [
  (r) =>
    `${r.two(1, 12)}-${r.two(1, 28)} ${clock(r)}.${r.digits(3)}  ${pid(r)}  ${pid(r)} I ActivityManager: START u0 {act=android.intent.action.MAIN flg=0x${r.hex(8)} cmp=com.example/.Main}`,
  (r) =>
    `${r.two(1, 12)}-${r.two(1, 28)} ${clock(r)}.${r.digits(3)}  ${pid(r)}  ${pid(r)} D PowerManagerService: acquire lock=${r.between(1, 999_999_999)}, flags=0x1, tag="RILJ", ws=null, uid=1001, pid=${pid(r)}`,
  (r) =>
    `${date(r)} ${clock(r)}, Info                  CBS    Loaded Servicing Stack v6.1.${r.between(7000, 7999)}.${r.between(16_000, 24_000)} with Core: C:\\Windows\\winsxs\\amd64_microsoft-windows-servicingstack_31bf3856ad364e35_6.1.7601.${r.between(16_000, 24_000)}_none_${r.hex(16)}\\cbscore.dll`,
  (r) =>
    `${date(r)} ${clock(r)}, Info                  CBS    Read out cached package applicability for package: Package_for_KB${r.digits(7)}~31bf3856ad364e35~amd64~~6.1.${r.between(1, 9)}.${r.between(0, 9)}, ApplicableState: 112, CurrentState:112`,
  (r) =>
    `${date(r)} ${clock(r)}, Info                  CSI    ${r.hex(8)} [SR] Verifying ${r.between(1, 100)} (0x${r.hex(16)}) components`,
  (r) =>
    `LoadLibrary: ${r.pick(WORDS)}.dll, Version=${version(r)}, Culture=neutral, PublicKeyToken=${r.hex(16)}`,
  (r) =>
    `${compactDate(r)}-${clock(r)}:${r.digits(3)}|Step_LSC|${r.digits(8)}|onStandStepChanged ${r.digits(4)}`,
  (r) => `installing ${r.pick(WORDS)}==${version(r)}`,
  (r) => `${r.pick(WORDS)}-${version(r)}-SNAPSHOT.jar copied`,
];

const DATABASES: readonly MakeLine[] = [
  (r) => `Access denied for user 'app'@'localhost' (using password: ${r.pick(['YES', 'NO'])})`,
  (r) =>
    `${date(r)} ${clock(r)}.${r.digits(3)} UTC [${pid(r)}] LOG:  checkpoint complete: wrote ${r.digits(4)} buffers (${r.digits(1)}.${r.digits(1)}%); write=${r.digits(3)}.${r.digits(3)} s`,
  (r) =>
    `InnoDB: page_cleaner: 1000ms intended loop took ${r.digits(4)}ms (flushed=${r.digits(4)} and evicted=0)`,
  (r) =>
    `duration: ${r.digits(3)}.${r.digits(3)} ms  plan: Seq Scan on ${r.pick(WORDS)}  (cost=0.00..${r.digits(7)}.${r.digits(2)} rows=${r.digits(8)} width=${r.digits(2)})`,
  (r) =>
    `[Note] Aborted connection ${r.digits(8)} to db: '${r.pick(WORDS)}' user: 'app' (Got timeout reading communication packets)`,
  (r) => `binlog.${r.digits(6)} end_log_pos ${r.digits(10)} CRC32 0x${r.hex(8)}`,
  (r) => `LSN ${r.hex(1).toUpperCase()}/${r.hex(8).toUpperCase()} flushed, xid ${r.digits(9)}`,
  (r) => `backup_${compactDate(r)}${compactClock(r)}.sql.gz written, ${r.digits(10)} bytes`,
  (r) =>
    `migration ${compactDate(r)}${compactClock(r)}_create_${r.pick(WORDS)} migrated (0.${r.digits(4)}s)`,
];

const PEOPLE: readonly MakeLine[] = [
  (r) => `Wrong password: ${r.between(1, 5)} attempts left`,
  () => 'Senha: incorreta',
  () => 'senha: obrigatória',
  () => 'Contraseña: incorrecta',
  () => 'Passwort: falsch',
  () => 'mot de passe : incorrect',
  () => 'Password: must contain a digit',
  (r) => `bypass: ${r.hex(10)}`,
  (r) => `compass: ${r.hex(12)}`,
  (r) => `total R$ ${r.between(1, 9)}.${r.digits(3)}.${r.digits(3)}.${r.digits(3)},${r.digits(2)}`,
  (r) => `lat +${r.between(10, 89)}.${r.digits(6)} lon -${r.between(10, 89)}.${r.digits(6)}`,
  (r) => `heap +${r.digits(8).replace(/^0/u, '1')} bytes since last collection`,
  (r) => `chave NF-e ${Array.from({ length: 11 }, () => r.digits(4)).join(' ')}`,
  (r) => `token usage: prompt_tokens=${r.digits(4)} completion_tokens=${r.digits(3)}`,
  () => 'API_KEY=\nNODE_ENV=production',
  () => 'token expired, please sign in again',
  () => 'Authorization header is missing',
  (r) =>
    `order ${r.digits(8)} shipped, ${r.between(1, 9)} items, EUR ${r.digits(3)}.${r.digits(2)}`,
  (r) => `boleto ${r.digits(5)}.${r.digits(5)} ${r.digits(5)}.${r.digits(6)} emitido`,
  (r) => `job ${uuid(r)} finished in PT${r.digits(1)}M${r.digits(2)}S`,
];

const SHAPES: readonly (readonly MakeLine[])[] = [
  SYSLOG,
  HDFS,
  JAVA,
  WEB,
  CLOUD,
  DEVICES,
  DATABASES,
  PEOPLE,
];

/** One line of a system that writes many: with the head that syslog gives it, or without. */
export function ordinaryLine(random: Random): string {
  const line = random.pick(random.pick(SHAPES))(random);
  if (random.between(0, 3) > 0) return line;
  return `${random.pick(MONTHS)} ${random.between(1, 28)} ${clock(random)} ${random.pick(HOSTS)} ${line}`;
}
