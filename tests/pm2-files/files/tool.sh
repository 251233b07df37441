exec sleep 1000000
