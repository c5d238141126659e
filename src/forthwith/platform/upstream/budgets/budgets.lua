-- The rules of parts.py and accounts.py, run inside Redis so that an operation is one step.
-- KEYS[1] the pool's document. ARGV: operation, the pool's rules, the operation's arguments
-- (both msgpack). Document: {at, {{alias, fingerprint, rules, standing, until, taken_at, parts}}}.
-- A part's rule: {kind, dimension, limit, more}; its state: a flat list of numbers.

local TOLERANCE, LATENESS, SLICES, NEXT_DAY, DAY = 1e-6, 0.01, 120, 60, 86400
local ASIDE_SECONDS = 0.6
local CLOCK_SET_BACK, KEPT, RETIRED_KEPT = 60, 2 * DAY, 30 * DAY
local RATE, WINDOW, QUOTA, SLOTS = 1, 2, 3, 4
local OK, OUT, RETIRED_KEY = 0, 2, 3
local BUSY, OUT_OF_QUOTA, RETIRED = 0, 1, 2
local HOUR = 3600

local part = {[RATE] = {}, [WINDOW] = {}, [QUOTA] = {}, [SLOTS] = {}}

local function share(free) return math.min(1, math.max(0, free)) end

local function keep_room(rule, state, now)
  if #state == 1 then return end
  local aside = 0
  for at = 3, #state, 2 do aside = aside + state[at] end
  while state[2] and state[2] <= now do
    state[1] = math.max(state[1], state[2] + aside / rule[3])
    aside = aside - state[3]
    table.remove(state, 2)
    table.remove(state, 2)
  end
  state[1] = math.max(state[1], now + aside / rule[3])
end
local function spare(rule, state, now)
  return math.max(0, math.floor(rule[4] / 2 - math.max(0, state[1] - now) * rule[3]))
end
local function set_aside(rule, state, now, units)
  state[1] = math.max(state[1], now) + units / rule[3]
  state[#state + 1] = now + ASIDE_SECONDS
  state[#state + 1] = units
end

part[RATE].fresh = function() return {0} end
part[RATE].ready_at = function(rule, state, now, units)
  keep_room(rule, state, now)
  return state[1] + (units - rule[4]) / rule[3]
end
part[RATE].take = function(rule, state, now, units, late)
  local saved_since = now - late
  if units > rule[4] then saved_since = saved_since - (units - rule[4]) / rule[3] end
  state[1] = math.max(state[1], saved_since) + units / rule[3]
end
part[RATE].settle = function(rule, state, now, more)
  keep_room(rule, state, now)
  local from = 0
  if more > 0 then from = now end
  state[1] = math.max(state[1], from) + more / rule[3]
end
part[RATE].observe = function(rule, state, now, remaining, resets_in)
  if remaining < 1 then
    state[1] = math.max(state[1], now + resets_in + (rule[4] - 1) / rule[3])
  else
    state[1] = math.max(state[1], now + (rule[4] - remaining) / rule[3])
  end
end
part[RATE].room = function(rule, state, now)
  keep_room(rule, state, now)
  return share(1 - (state[1] - now) * rule[3] / rule[4])
end

local function forget_window(rule, state, now)
  while state[2] and state[2] + rule[4] <= now + TOLERANCE do
    state[1] = state[1] - state[3]
    table.remove(state, 2)
    table.remove(state, 2)
  end
end
local function stamp(rule, now)
  local width = rule[4] / SLICES
  return (math.floor(now / width) + 2) * width
end
local function add_to_window(state, at, units)
  local place = #state + 1
  while place > 2 and state[place - 2] > at do place = place - 2 end
  if place > 2 and state[place - 2] == at then
    state[place - 1] = state[place - 1] + units
  else
    table.insert(state, place, at)
    table.insert(state, place + 1, units)
  end
  state[1] = state[1] + units
end
part[WINDOW].fresh = function() return {0} end
part[WINDOW].ready_at = function(rule, state, now, units)
  forget_window(rule, state, now)
  local missing = state[1] + math.min(units, rule[3]) - rule[3]
  if missing <= 0 then return now end
  for at = 2, #state, 2 do
    missing = missing - state[at + 1]
    if missing <= 0 then return state[at] + rule[4] end
  end
  return now + rule[4]
end
part[WINDOW].take = function(rule, state, now, units)
  add_to_window(state, stamp(rule, now), units)
end
part[WINDOW].settle = function(rule, state, now, more, taken_at)
  forget_window(rule, state, now)
  if more > 0 then
    add_to_window(state, stamp(rule, now), more)
    return
  end
  local taken = stamp(rule, taken_at)
  for at = 2, #state, 2 do
    if state[at] == taken then
      local given = math.min(-more, state[at + 1])
      state[at + 1] = state[at + 1] - given
      state[1] = state[1] - given
    end
  end
end
part[WINDOW].observe = function(rule, state, now, remaining, resets_in)
  forget_window(rule, state, now)
  local unseen = rule[3] - remaining - state[1]
  if unseen > 0 then
    add_to_window(state, now + math.min(resets_in, rule[4]) - rule[4], unseen)
  end
end
part[WINDOW].room = function(rule, state, now)
  forget_window(rule, state, now)
  return share(1 - state[1] / rule[3])
end

part[QUOTA].fresh = function() return {0, 0, 0} end
part[QUOTA].roll = function(rule, state, now)
  local resets_at = now + rule[4]
  if resets_at > state[2] + NEXT_DAY then state[1], state[2], state[3] = 0, resets_at, now end
end
part[QUOTA].ready_at = function(rule, state, now, units)
  if 0 < state[2] and state[2] <= now + TOLERANCE then
    state[1], state[2], state[3] = 0, state[2] + DAY, now
  end
  if state[1] + math.min(units, rule[3]) <= rule[3] then return now end
  return state[2]
end
part[QUOTA].take = function(rule, state, now, units) state[1] = state[1] + units end
part[QUOTA].settle = function(rule, state, now, more, taken_at)
  if more > 0 or taken_at >= state[3] then state[1] = math.max(0, state[1] + more) end
end
part[QUOTA].observe = function(rule, state, now, remaining)
  state[1] = math.max(state[1], rule[3] - remaining)
end
part[QUOTA].room = function(rule, state) return share(1 - state[1] / rule[3]) end

local function forget_slots(state, now)
  for at = #state - 1, 1, -2 do
    if state[at + 1] <= now + TOLERANCE then
      table.remove(state, at)
      table.remove(state, at)
    end
  end
end
part[SLOTS].fresh = function() return {} end
part[SLOTS].ready_at = function(rule, state, now)
  forget_slots(state, now)
  local over = #state / 2 - rule[3]
  if over < 0 then return now end
  local ends = {}
  for at = 2, #state, 2 do ends[#ends + 1] = state[at] end
  table.sort(ends)
  return ends[over + 1]
end
part[SLOTS].take = function(rule, state, now, units, late, lease)
  state[#state + 1] = lease
  state[#state + 1] = now + rule[4]
end
part[SLOTS].release = function(state, lease)
  for at = 1, #state, 2 do
    if state[at] == lease then
      table.remove(state, at)
      table.remove(state, at)
      return
    end
  end
end
part[SLOTS].observe = function() end
part[SLOTS].room = function(rule, state, now)
  forget_slots(state, now)
  return math.max(0, 1 - #state / 2 / rule[3])
end

local function fresh_parts(rules)
  local states = {}
  for index, rule in ipairs(rules) do states[index] = part[rule[1]].fresh() end
  return states
end

local function states_of(document, pool, now)
  local by_alias, states = {}, {}
  for _, state in ipairs(document[2]) do by_alias[state[1]] = state end
  for place, account in ipairs(pool) do
    local state = by_alias[account[1]]
    if not state then
      state = {account[1], account[2], account[3], OK, 0, 0, fresh_parts(account[4])}
      table.insert(document[2], state)
    end
    if state[2] ~= account[2] then state[2], state[4], state[5] = account[2], OK, 0 end
    if state[3] ~= account[3] then state[3], state[7] = account[3], fresh_parts(account[4]) end
    states[place] = state
    for index, rule in ipairs(account[4]) do
      if rule[1] == QUOTA then part[QUOTA].roll(rule, state[7][index], now) end
    end
  end
  return states
end

-- seconds (below zero: infinite), obstacle, by_slots; or nil when the account can pay
local function obstacle_of(account, state, cost, now)
  if state[4] == RETIRED_KEY then return {-1, RETIRED, false} end
  local ready_at, is_out, by_slots = state[5], state[4] == OUT, false
  for index, rule in ipairs(account[4]) do
    local units = cost[rule[2] + 1]
    if units > 0 then
      local at = part[rule[1]].ready_at(rule, state[7][index], now, units)
      if at > now + TOLERANCE and at > ready_at then
        ready_at, is_out, by_slots = at, rule[1] == QUOTA, rule[1] == SLOTS
      end
    end
  end
  if ready_at <= now + TOLERANCE then return nil end
  return {ready_at - now, is_out and OUT_OF_QUOTA or BUSY, by_slots}
end

local function is_sooner(one, other)
  return one[1] >= 0 and (other[1] < 0 or one[1] < other[1])
end

local function room_of(account, state, now)
  local least = 1
  for index, rule in ipairs(account[4]) do
    least = math.min(least, part[rule[1]].room(rule, state[7][index], now))
  end
  return least
end

local function choose(pool, states, cost, now)
  local best, best_room, best_taken_at, first
  for place = 2, #pool do
    local obstacle = obstacle_of(pool[place], states[place], cost, now)
    if not obstacle then
      local room, taken_at = room_of(pool[place], states[place], now), states[place][6]
      if not best or room > best_room or (room == best_room and taken_at < best_taken_at) then
        best, best_room, best_taken_at = place, room, taken_at
      end
    elseif not first then
      first = obstacle
    else
      local soonest = is_sooner(obstacle, first) and obstacle or first
      first = {soonest[1], math.min(first[2], obstacle[2]), first[3] or obstacle[3]}
    end
  end
  return best, first
end

local function book(account, state, cost, now, late, lease)
  for index, rule in ipairs(account[4]) do
    local units = cost[rule[2] + 1]
    if units > 0 then part[rule[1]].take(rule, state[7][index], now, units, late, lease) end
  end
  state[6] = now
end

-- as many as every rule can spare, at most `wanted`
local function set_aside_of(accounts, now, wanted)
  local units = wanted
  for _, pair in ipairs(accounts) do
    for index, rule in ipairs(pair[1][4]) do
      units = math.min(units, spare(rule, pair[2][7][index], now))
    end
  end
  if units == 0 then return 0 end
  for _, pair in ipairs(accounts) do
    for index, rule in ipairs(pair[1][4]) do
      set_aside(rule, pair[2][7][index], now, units)
    end
  end
  return units
end

local operations = {}

operations.take = function(pool, states, now, cost, waited, lease, aside)
  local blocked, chosen = obstacle_of(pool[1], states[1], cost, now), 1
  if #pool > 1 then
    local best, first = choose(pool, states, cost, now)
    if best then
      chosen = best
    elseif not blocked or is_sooner(blocked, first) then
      blocked = first
    end
  end
  if blocked then return {false, blocked[1], blocked[2], blocked[3]} end
  local late = math.min(waited, LATENESS)
  local paying = {{pool[1], states[1]}}
  if chosen > 1 then paying[2] = {pool[chosen], states[chosen]} end
  for _, pair in ipairs(paying) do book(pair[1], pair[2], cost, now, late, lease) end
  return {true, pool[chosen][1], now, set_aside_of(paying, now, aside)}
end

operations.settle = function(pool, states, now, alias, taken_at, lease, more)
  for place, account in ipairs(pool) do
    if place == 1 or account[1] == alias then
      for index, rule in ipairs(account[4]) do
        local state, units = states[place][7][index], more[rule[2] + 1]
        if rule[1] == SLOTS then
          part[SLOTS].release(state, lease)
        elseif units ~= 0 then
          part[rule[1]].settle(rule, state, now, units, taken_at)
        end
      end
    end
  end
  return {}
end

operations.mark = function(pool, states, now, alias, standing, seconds)
  for place, account in ipairs(pool) do
    local state = states[place]
    if account[1] == alias then
      local ends = now + seconds
      if standing == OK then
        state[4], state[5] = OK, 0
      elseif standing == RETIRED_KEY then
        state[4], state[5] = RETIRED_KEY, 0
      elseif state[4] ~= RETIRED_KEY and ends > state[5] then
        state[4], state[5] = standing, ends
      end
    end
  end
  return {}
end

operations.observe = function(pool, states, now, alias, dimension, remaining, resets_in)
  for place, account in ipairs(pool) do
    if account[1] == alias then
      for index, rule in ipairs(account[4]) do
        local is_daily = rule[1] == QUOTA
        if rule[2] == dimension and is_daily == (resets_in > HOUR) then
          part[rule[1]].observe(rule, states[place][7][index], now, remaining, resets_in)
        end
      end
    end
  end
  return {}
end

operations.read = function(pool, states, now)
  return {now, states}
end

local function kept_seconds(document, now)
  local seconds = KEPT
  for _, state in ipairs(document[2]) do
    if state[4] == RETIRED_KEY then return RETIRED_KEPT end
    seconds = math.max(seconds, math.ceil(state[5] - now))
  end
  return seconds
end

local pool, arguments = cmsgpack.unpack(ARGV[2]), cmsgpack.unpack(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local kept = redis.call('GET', KEYS[1])
local document = kept and cmsgpack.unpack(kept) or {0, {}}
if document[1] > now + CLOCK_SET_BACK then document = {0, {}} end
now = math.max(now, document[1])
document[1] = now
local states = states_of(document, pool, now)
local answer = operations[ARGV[1]](pool, states, now, unpack(arguments))
if ARGV[1] ~= 'read' then
  redis.call('SET', KEYS[1], cmsgpack.pack(document), 'EX', kept_seconds(document, now))
end
return cmsgpack.pack(answer)
