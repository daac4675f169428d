#!/bin/sh
# The first process of a private account world: its own /etc, /home, /run and process numbers. Nothing in it can reach an account or a process outside.
# usage: world.sh FOLDER, inside unshare --mount --pid; the folder is filled by lab/sshd.ts.
set -e
D=$1
if ! mount -t overlay overlay -o lowerdir=/etc,upperdir="$D/up",workdir="$D/work" /etc 2>/dev/null; then
  mkdir -p "$D/etc" && cp -a /etc/. "$D/etc/" && mount --bind "$D/etc" /etc
fi
mount --bind "$D/home" /home
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/sudo /run/faillock
for file in passwd shadow group; do cat "$D/add/$file" >>"/etc/$file"; done
cp "$D"/pam.d/* /etc/pam.d/
install -m 440 "$D/sudoers" /etc/sudoers.d/rekey-lab
while IFS=: read -r name _ uid gid _ home _; do
  case $home in /home/*) ;; *) continue ;; esac
  mkdir -p "$home/.ssh"
  [ -f "$D/keys/$name" ] && cp "$D/keys/$name" "$home/.ssh/authorized_keys" && chmod 600 "$home/.ssh/authorized_keys"
  chmod 755 "$home" && chmod 700 "$home/.ssh" && chown -R "$uid:$gid" "$home"
done <"$D/add/passwd"
# The tools that write go through fault.sh: what it does with an account is a file under faults/.
for tool in /usr/sbin/chpasswd /usr/bin/mv; do
  real="$D/real/$(basename "$tool")"
  cp "$tool" "$real"
  mount --bind "$D/fault.sh" "$tool"
done
for config in "$D"/daemons/*.conf; do
  name=$(basename "$config" .conf)
  # The name of the program is the name of its PAM service.
  ln -sf /usr/sbin/sshd "$D/bin/$name"
  "$D/bin/$name" -D -f "$config" -E "$D/sshd.log" &
done
echo ready
# As the first process it takes in orphans.
while :; do wait || :; sleep 0.2; done
