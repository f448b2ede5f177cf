-- wrk: MODE=big | small | range; prints one line of figures at the end.
--   big    the one large file
--   small  one of COUNT 1 MiB files, whole
--   range  64 KiB out of one of them
local mode = os.getenv("MODE") or "small"
local prefix = os.getenv("PREFIX") or ""
local count = tonumber(os.getenv("COUNT") or "1000")
local unit = 64 * 1024

init = function()
  math.randomseed(42)
end

request = function()
  if mode == "big" then
    return wrk.format("GET", prefix .. "/big.bin")
  end
  local path = prefix .. "/s/" .. math.random(0, count - 1) .. ".bin"
  if mode == "small" then
    return wrk.format("GET", path)
  end
  local from = math.random(0, 15) * unit
  return wrk.format("GET", path, { ["Range"] = "bytes=" .. from .. "-" .. (from + unit - 1) })
end

done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("FIGURES %d %d %d %.0f %.0f %d\n", summary.bytes, summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
