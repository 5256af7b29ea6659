"""The programs that heare-auth is compared with, each given the same requests: the key is in the body, and in a header
for those that cannot look into one."""

from load import Server

NGINX_PROGRAM = "/usr/sbin/nginx"
HAPROXY_PROGRAM = "/usr/sbin/haproxy"
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log /dev/null crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; default_type application/json;
  {http}
  server {{ listen 127.0.0.1:{port}; {server} }}
}}
"""
NGINX_MAP = """
  map_hash_max_size 65536; map_hash_bucket_size 256;
  map $http_x_api_key $key_id {{ include {map}; }}
  log_format json escape=json '{{"event":"verification_success","key_id":"$key_id","user_agent":"$http_user_agent",'
                              '"timestamp":"$time_iso8601","level":"info"}}';
  access_log {log} json buffer=64k flush=1s;
"""
HAPROXY = """
global
  nbthread 1
defaults
  mode http
  timeout client 600s
  timeout server 600s
  timeout connect 5s
  timeout http-keep-alive 600s
frontend in
  bind 127.0.0.1:{port}
  http-request set-var(txn.answer) req.hdr(x-api-key),map_str({map})
  http-request return status 200 content-type application/json lf-string "%[var(txn.answer)]" if {{ var(txn.answer) -m found }}
  http-request return status 403
"""


def answers(keys):
    """What heare-auth answers for each key."""
    for key in keys:
        yield key["secret"], (
            f'{{"valid":true,"key_id":"{key["id"]}","name":"{key["name"]}","metadata":{{"n":{key["metadata"]["n"]}}}}}'
        )


def limit(port, folder, program):
    return Server([program, port], port, folder)


def nginx(port, folder, http, server):
    config = folder / f"nginx-{port}.conf"
    config.write_text(NGINX.format(folder=folder, port=port, http=http, server=server))
    return Server([NGINX_PROGRAM, "-c", config, "-e", "/dev/null"], port, folder)


def nginx_constant(port, folder, keys):
    answer = next(answers(keys))[1]
    return nginx(port, folder, "", f"location / {{ return 200 '{answer}'; }}")


def nginx_map(port, folder, keys):
    table = folder / "nginx.map"
    table.write_text("".join(f"{key['secret']} {key['id']};\n" for key in keys))
    http = NGINX_MAP.format(map=table, log=folder / "nginx.log")
    answer = next(answers(keys))[1].replace(keys[0]["id"], "$key_id")
    return nginx(port, folder, http, f"location / {{ if ($key_id = '') {{ return 403; }} return 200 '{answer}'; }}")


def haproxy_map(port, folder, keys):
    table = folder / "haproxy.map"
    table.write_text("".join(f"{secret} {answer}\n" for secret, answer in answers(keys)))
    config = folder / "haproxy.cfg"
    config.write_text(HAPROXY.format(port=port, map=table))
    return Server([HAPROXY_PROGRAM, "-db", "-f", config], port, folder)
