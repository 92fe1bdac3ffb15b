callback([{"title":"桥头修表铺","url":"a/7.html"}]);
