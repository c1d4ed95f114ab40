-- wrk's part: distinct notifications with time-ordered resource ids, and a count of every status that is not 200.
-- wrk ... -s hits.lua URL -- PATH

local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

local types = {
  "PAYIN_NORMAL_CREATED", "PAYIN_NORMAL_SUCCEEDED", "TRANSFER_NORMAL_CREATED",
  "TRANSFER_NORMAL_SUCCEEDED", "PAYOUT_NORMAL_CREATED", "KYC_SUCCEEDED",
}

function init(args)
  path = args[1]
  started = os.time()
  sent, others = 0, 0
  math.randomseed(started + number)
end

function request()
  sent = sent + 1
  -- Like a ULID: milliseconds first, then chance.
  local id = string.format("01J%09X%X%07X%07X", started * 1000 + sent, number, math.random(0, 0xfffffff), math.random(0, 0xfffffff))
  return wrk.format("GET", string.format("%s?EventType=%s&RessourceId=payin_m_%s&Date=%d", path, types[sent % #types + 1], id, started))
end

function response(status)
  if status ~= 200 then others = others + 1 end
end

function done(summary)
  local others, failed = 0, summary.errors
  for _, thread in ipairs(threads) do others = others + thread:get("others") end
  io.write(string.format(
    '{"answers": %d, "others": %d, "errors": %d, "seconds": %f}\n',
    summary.requests, others, failed.connect + failed.read + failed.write + failed.timeout, summary.duration / 1e6))
end
