// slapd.conf for one lab server: the delegated account has `write` where it must and nothing more; rootdn is never used by Rekey.
import type { ServersCertificate } from './slapd-tls.ts';

export type Ppolicy = {
  readonly maxFailure?: number;
  readonly minLength?: number;
  readonly lockout?: boolean;
  readonly lockoutDuration?: number;
  readonly failureInterval?: number;
  readonly history?: number;
  readonly mustChange?: boolean;
};
export type SlapdConf = {
  readonly home: string;
  readonly base: string;
  readonly bindDn: string;
  readonly rootDn: string;
  readonly rootPassword: string;
  readonly policyDn: string;
  readonly tls: ServersCertificate;
  readonly sync: boolean;
  readonly idle: number;
  readonly directives: readonly string[];
  /** Port this server takes its changes from; absent on the provider. */
  readonly feed?: number;
};

export function slapdConf(conf: SlapdConf): string {
  const replication =
    conf.feed === undefined
      ? 'overlay syncprov\nsyncprov-checkpoint 1000 10\n'
      : `syncrepl rid=001 provider=ldap://127.0.0.1:${conf.feed} type=refreshAndPersist retry="1 +" searchbase="${conf.base}"
  bindmethod=simple binddn="${conf.rootDn}" credentials="${conf.rootPassword}"\n`;
  return `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 1.3.6.1.4.1.24552.500.1.1.1.13 NAME 'sshPublicKey' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( 1.3.6.1.4.1.24552.500.1.1.2.0 NAME 'ldapPublicKey' SUP top AUXILIARY MAY ( sshPublicKey $ uid ) )
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload back_monitor
moduleload ppolicy
moduleload syncprov
moduleload pw-sha2
pidfile ${conf.home}/slapd.pid
argsfile ${conf.home}/slapd.args
threads 8
idletimeout ${conf.idle}
${conf.directives.map((line) => `${line}\n`).join('')}TLSCACertificateFile ${conf.tls.ca}
TLSCertificateFile ${conf.tls.certificate}
TLSCertificateKeyFile ${conf.tls.key}
password-hash {SSHA512}
limits dn.exact="${conf.bindDn}" size=unlimited time=unlimited

database config
access to * by dn.exact="${conf.bindDn}" read by * none

database mdb
suffix "${conf.base}"
rootdn "${conf.rootDn}"
rootpw ${conf.rootPassword}
directory ${conf.home}/db
maxsize 2147483648
index objectClass,uid,mail eq
index entryUUID,entryCSN eq
${conf.sync ? '' : 'dbnosync\n'}limits dn.exact="${conf.bindDn}" size=unlimited time=unlimited
access to attrs=userPassword by dn.exact="${conf.bindDn}" write by self write by anonymous auth by * none
access to attrs=pwdAccountLockedTime,pwdReset by dn.exact="${conf.bindDn}" write by * none
access to attrs=pwdChangedTime,pwdFailureTime,pwdPolicySubentry by dn.exact="${conf.bindDn}" read by * none
access to * by dn.exact="${conf.bindDn}" read by users read by anonymous auth
${replication}overlay ppolicy
ppolicy_default "${conf.policyDn}"
ppolicy_hash_cleartext
ppolicy_use_lockout

database monitor
access to * by dn.exact="${conf.bindDn}" read by * none
`;
}
