package fakephone

// oddities returns entries that no client may stumble over, each taken from what real phones send or may come to
// send: another phone, an unknown kind, a null, entries without model, data or a field, words outside every list.
// Another phone comes first, since a client is known to die of that as its first message.
func oddities() []any {
	return []any{
		component("NetworkDevice", fields{"connected": true, "device_id": "1ab5d784b5eae33a", "device_name": "OnePlus8",
			"ip": "192.0.2.21"}), // of the block for documentation, RFC 5737: nobody is there
		component("Hologram", fields{"depth": fields{"mm": []any{1, nil, "far"}}, "on": true}),
		nil,
		fields{"data": fields{"sensor": "gaze"}},
		fields{"model": "Sensor"},
		fields{"model": "Sensor", "data": nil},
		component("Sensor", fields{"sensor": "gaze"}),
		component("Sensor", fields{"conn_type": "TELEPATHY", "connected": false, "sensor": "smell", "ip": nil}),
		component("NetworkDevice", fields{"device_name": nil}),
	}
}
